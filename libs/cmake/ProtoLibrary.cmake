# SPDX-License-Identifier: Apache-2.0
# proto_library(NAME PROTOS path/to/a.proto ... DEPS x [GRPC])
# Paths are relative to proto/. CMake 3.25's protobuf_generate() names outputs after the source
# folder and ignores import directories, so protoc is called here.
function(proto_library NAME)
  cmake_parse_arguments(ARG "GRPC" "" "PROTOS;DEPS" ${ARGN})
  set(generated_dir "${PROJECT_BINARY_DIR}/gen")
  file(MAKE_DIRECTORY "${generated_dir}")
  set(outputs)
  foreach(proto IN LISTS ARG_PROTOS)
    string(REGEX REPLACE "\\.proto$" "" stem "${proto}")
    set(products "${generated_dir}/${stem}.pb.cc" "${generated_dir}/${stem}.pb.h")
    set(grpc_arguments)
    if(ARG_GRPC)
      list(APPEND products "${generated_dir}/${stem}.grpc.pb.cc"
           "${generated_dir}/${stem}.grpc.pb.h")
      set(grpc_arguments "--grpc_out=${generated_dir}"
                         "--plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>")
    endif()
    add_custom_command(
      OUTPUT ${products}
      COMMAND protobuf::protoc -I "${PROJECT_SOURCE_DIR}/proto" "--cpp_out=${generated_dir}"
              ${grpc_arguments} "${PROJECT_SOURCE_DIR}/proto/${proto}"
      DEPENDS "${PROJECT_SOURCE_DIR}/proto/${proto}"
      VERBATIM)
    list(APPEND outputs ${products})
  endforeach()
  add_library(${NAME} STATIC ${outputs})
  add_library(shodan::${NAME} ALIAS ${NAME})
  target_include_directories(${NAME} SYSTEM PUBLIC "${generated_dir}")
  target_link_libraries(${NAME} PUBLIC protobuf::libprotobuf ${ARG_DEPS})
  if(ARG_GRPC)
    target_link_libraries(${NAME} PUBLIC thirdparty::grpc)
  endif()
  target_compile_options(${NAME} PRIVATE -w)
  if(SHODAN_SANITIZE)
    # Optimising generated code takes twice as long and finds nothing.
    target_compile_options(${NAME} PRIVATE -O0)
  endif()
endfunction()
