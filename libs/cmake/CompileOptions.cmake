# SPDX-License-Identifier: Apache-2.0
# Compiler options, as targets that our own code links; generated and third-party code does not.

add_library(shodan_compile_options INTERFACE)
target_compile_options(
  shodan_compile_options
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wsign-conversion
            -Wold-style-cast
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wextra-semi
            -Wthread-safety
            -Werror)
add_library(shodan::compile_options ALIAS shodan_compile_options)

add_compile_options(-fstack-protector-strong)
if(SHODAN_SANITIZE)
  add_compile_options(-fsanitize=${SHODAN_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SHODAN_SANITIZE})
  add_library(sanitizer_suppressions OBJECT "${CMAKE_CURRENT_LIST_DIR}/sanitizer_suppressions.cc")
endif()
if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  add_compile_options(-D_GLIBCXX_ASSERTIONS -D_FORTIFY_SOURCE=2 -fstack-clash-protection
                      -fcf-protection)
  add_compile_options(-fPIE)
  add_link_options(-pie -Wl,-z,relro,-z,now)
endif()
