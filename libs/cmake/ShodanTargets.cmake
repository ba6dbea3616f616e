# SPDX-License-Identifier: Apache-2.0
# The four kinds of target this tree is made of. DEPS are PUBLIC: a layer sees what the layer
# below it sees, and nothing else; that is what keeps the layering visible in the link graph.

# Objects that every program is linked with.
set(SHODAN_PROGRAM_OBJECTS)
if(SHODAN_SANITIZE)
  set(SHODAN_PROGRAM_OBJECTS $<TARGET_OBJECTS:sanitizer_suppressions>)
endif()

# shodan_library(NAME SOURCES a.cc ... HEADERS a.h ... DEPS x y)
function(shodan_library NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;DEPS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${NAME} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${NAME} PRIVATE shodan::compile_options)
    shodan_precompile(${NAME} precompiled)
  else()
    add_library(${NAME} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(shodan::${NAME} ALIAS ${NAME})
  target_include_directories(${NAME} ${scope} ${PROJECT_SOURCE_DIR})
  target_link_libraries(${NAME} ${scope} ${ARG_DEPS})
  if(ARG_HEADERS)
    target_sources(${NAME} ${scope} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES
                                    ${ARG_HEADERS})
  endif()
endfunction()

# shodan_service(NAME MAIN main.cc DEPS ...): the program `NAME`, composition only.
function(shodan_service NAME)
  cmake_parse_arguments(ARG "" "MAIN" "DEPS" ${ARGN})
  add_executable(${NAME} ${ARG_MAIN} ${SHODAN_PROGRAM_OBJECTS})
  target_link_libraries(${NAME} PRIVATE shodan::compile_options ${ARG_DEPS})
  target_compile_definitions(${NAME} PRIVATE SHODAN_VERSION="${PROJECT_VERSION}")
  # Under a sanitizer the optimiser would spend 30 s on what runs once.
  if(SHODAN_SANITIZE)
    target_compile_options(${NAME} PRIVATE -O0)
  endif()
endfunction()

# shodan_test(NAME LAYER unit|contract|integration SOURCES ... DEPS ...)
# A test's own code is not optimised: under the sanitizers that halves the time to compile it, and
# what it tests, where the time of a run goes, is.
function(shodan_test NAME)
  cmake_parse_arguments(ARG "" "LAYER" "SOURCES;DEPS" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES} $<TARGET_OBJECTS:catch_main> ${SHODAN_PROGRAM_OBJECTS})
  set_target_properties(${NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  target_include_directories(${NAME} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${NAME} PRIVATE shodan::compile_options Catch2::Catch2 ${ARG_DEPS})
  target_compile_options(${NAME} PRIVATE -O0)
  shodan_precompile(${NAME} precompiled_for_tests)
  target_compile_definitions(${NAME} PRIVATE SHODAN_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                             SHODAN_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${NAME} COMMAND ${NAME})
  # A test that hangs must end; the thread sanitizer makes everything up to ten times slower.
  set(timeout_s 300)
  if(SHODAN_SANITIZE STREQUAL "thread")
    set(timeout_s 1500)
  endif()
  set_tests_properties(
    ${NAME}
    PROPERTIES LABELS "${ARG_LAYER}" TIMEOUT ${timeout_s} ENVIRONMENT
               "ASAN_OPTIONS=detect_stack_use_after_return=1;UBSAN_OPTIONS=print_stacktrace=1")
endfunction()

# shodan_fuzzer(NAME SOURCES ... DEPS ...)
function(shodan_fuzzer NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  set_target_properties(${NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
  target_include_directories(${NAME} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${NAME} PRIVATE shodan::compile_options ${ARG_DEPS})
  target_link_options(${NAME} PRIVATE -fsanitize=fuzzer)
endfunction()
