# SPDX-License-Identifier: Apache-2.0
# What most files spend most of their compile time on: the standard library, Abseil, gRPC and Asio.
# Only headers of others, so that a change of ours never builds it anew. The lint preset goes
# without: there a file that forgot an include does not compile.

set(SHODAN_PRECOMPILED_HEADERS
    <algorithm>
    <atomic>
    <chrono>
    <functional>
    <map>
    <memory>
    <mutex>
    <optional>
    <set>
    <string>
    <string_view>
    <thread>
    <utility>
    <variant>
    <vector>
    <absl/status/status.h>
    <absl/status/statusor.h>
    <absl/strings/str_cat.h>
    <boost/json.hpp>
    <google/protobuf/message.h>
    <grpcpp/grpcpp.h>)

# A file that sees these needs Asio's compiled half when it is linked.
set(SHODAN_PRECOMPILED_ASIO_HEADERS
    <boost/asio/any_io_executor.hpp>
    <boost/asio/awaitable.hpp>
    <boost/asio/co_spawn.hpp>
    <boost/asio/io_context.hpp>
    <boost/asio/post.hpp>
    <boost/asio/steady_timer.hpp>
    <boost/asio/use_awaitable.hpp>)

# The compiler refuses a precompiled header that was made with another answer to this.
add_compile_options(-pthread)

file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/precompiled.cc" CONTENT "")

# shodan_precompiled(NAME DEPS ... OPTIONS ... HEADERS ...)
function(shodan_precompiled NAME)
  cmake_parse_arguments(ARG "" "" "DEPS;OPTIONS;HEADERS" ${ARGN})
  add_library(${NAME} OBJECT EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/precompiled.cc")
  target_link_libraries(${NAME} PRIVATE ${ARG_DEPS} thirdparty::grpc absl::statusor Boost::json)
  # With its time in it, no two builds of a header are the same, and ccache finds nothing.
  target_compile_options(${NAME} PRIVATE "SHELL:-Xclang -fno-pch-timestamp" ${ARG_OPTIONS})
  target_precompile_headers(${NAME} PRIVATE ${SHODAN_PRECOMPILED_HEADERS} ${ARG_HEADERS})
endfunction()

shodan_precompiled(precompiled)
shodan_precompiled(precompiled_asio DEPS thirdparty::asio HEADERS
                   ${SHODAN_PRECOMPILED_ASIO_HEADERS})
if(SHODAN_BUILD_TESTS)
  # As test programs are compiled: not optimised, and as executables.
  shodan_precompiled(precompiled_for_tests DEPS Catch2::Catch2 OPTIONS -O0 -fPIE HEADERS
                     <catch2/catch.hpp>)
  shodan_precompiled(precompiled_for_tests_asio DEPS thirdparty::asio Catch2::Catch2 OPTIONS -O0
                     -fPIE HEADERS ${SHODAN_PRECOMPILED_ASIO_HEADERS} <catch2/catch.hpp>)
  set_target_properties(precompiled_for_tests precompiled_for_tests_asio
                        PROPERTIES POSITION_INDEPENDENT_CODE OFF)
endif()

# Sets OUT to whether a target is linked with Asio's compiled half, itself or through others.
function(shodan_links_asio TARGET OUT)
  set(${OUT} FALSE PARENT_SCOPE)
  if(NOT TARGET ${TARGET})
    return()
  endif()
  get_target_property(aliased ${TARGET} ALIASED_TARGET)
  if(aliased)
    set(TARGET ${aliased})
  endif()
  get_property(known GLOBAL PROPERTY "SHODAN_ASIO_${TARGET}")
  if("${known}" STREQUAL "")
    set(known FALSE)
    set(links)
    foreach(property LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
      get_target_property(values ${TARGET} ${property})
      if(values)
        list(APPEND links ${values})
      endif()
    endforeach()
    list(REMOVE_DUPLICATES links)
    foreach(link IN LISTS links)
      if(link STREQUAL "shodan::net")
        set(known TRUE)
      elseif(link MATCHES "^shodan::")
        shodan_links_asio(${link} through)
        if(through)
          set(known TRUE)
        endif()
      endif()
    endforeach()
    set_property(GLOBAL PROPERTY "SHODAN_ASIO_${TARGET}" ${known})
  endif()
  set(${OUT} ${known} PARENT_SCOPE)
endfunction()

# shodan_precompile(TARGET ORIGIN): once every target is known, TARGET uses what was precompiled.
function(shodan_precompile TARGET ORIGIN)
  set_property(GLOBAL APPEND PROPERTY SHODAN_PRECOMPILE "${TARGET}=${ORIGIN}")
endfunction()

function(shodan_finish_precompiling)
  get_property(pairs GLOBAL PROPERTY SHODAN_PRECOMPILE)
  foreach(pair IN LISTS pairs)
    string(REGEX MATCH "^(.*)=(.*)$" all "${pair}")
    set(target ${CMAKE_MATCH_1})
    set(origin ${CMAKE_MATCH_2})
    shodan_links_asio(${target} asio)
    if(asio)
      string(APPEND origin "_asio")
    endif()
    target_precompile_headers(${target} REUSE_FROM ${origin})
  endforeach()
endfunction()
