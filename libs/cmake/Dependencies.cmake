# SPDX-License-Identifier: Apache-2.0
# The only place that looks for third-party packages. Debian 12 names them in five different ways;
# everything else in the tree links the namespaced targets made here.

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Protobuf 3.21 REQUIRED) # module mode: Debian ships no ProtobufConfig.cmake
find_package(absl CONFIG REQUIRED)
find_package(gRPC 1.51 CONFIG REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS url json)
find_package(PostgreSQL REQUIRED)
find_package(CURL REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis) # HiredisConfig.cmake is broken in 0.14

find_library(SHODAN_GRPC_REFLECTION grpc++_reflection REQUIRED)
find_library(SHODAN_CIVETWEB_CPP civetweb-cpp REQUIRED)
find_library(SHODAN_CIVETWEB civetweb REQUIRED)
find_library(SHODAN_PHONENUMBER phonenumber REQUIRED)
find_path(SHODAN_PHONENUMBER_INCLUDE phonenumbers/phonenumberutil.h REQUIRED)

add_library(shodan_thirdparty_civetweb INTERFACE)
target_link_libraries(shodan_thirdparty_civetweb
                      INTERFACE ${SHODAN_CIVETWEB_CPP} ${SHODAN_CIVETWEB})
add_library(thirdparty::civetweb ALIAS shodan_thirdparty_civetweb)

add_library(shodan_thirdparty_phonenumber INTERFACE)
target_link_libraries(shodan_thirdparty_phonenumber INTERFACE ${SHODAN_PHONENUMBER}
                                                              protobuf::libprotobuf)
target_include_directories(shodan_thirdparty_phonenumber SYSTEM
                           INTERFACE ${SHODAN_PHONENUMBER_INCLUDE})
add_library(thirdparty::phonenumber ALIAS shodan_thirdparty_phonenumber)

add_library(shodan_thirdparty_grpc INTERFACE)
target_link_libraries(shodan_thirdparty_grpc INTERFACE gRPC::grpc++ ${SHODAN_GRPC_REFLECTION}
                                                       protobuf::libprotobuf)
add_library(thirdparty::grpc ALIAS shodan_thirdparty_grpc)

add_library(shodan_thirdparty_asio INTERFACE)
target_compile_definitions(
  shodan_thirdparty_asio
  INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE
            BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
            BOOST_BEAST_USE_STD_STRING_VIEW)
target_link_libraries(shodan_thirdparty_asio INTERFACE Boost::headers OpenSSL::SSL
                                                       OpenSSL::Crypto Threads::Threads)
add_library(thirdparty::asio ALIAS shodan_thirdparty_asio)

add_library(thirdparty::hiredis ALIAS PkgConfig::hiredis)

if(SHODAN_BUILD_TESTS)
  find_package(Catch2 2 REQUIRED)
  include(Catch)
endif()
