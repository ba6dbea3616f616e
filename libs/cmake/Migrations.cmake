# SPDX-License-Identifier: Apache-2.0
# shodan_migrations(OUT NAMESPACE a::b FILES migrations/0001_x.sql ...): writes a source file that
# defines a::b::Migrations() with the texts of the files, and sets OUT to its path.
function(shodan_migrations OUT)
  cmake_parse_arguments(ARG "" "NAMESPACE" "FILES" ${ARGN})
  set(entries "")
  set(version 0)
  foreach(file IN LISTS ARG_FILES)
    math(EXPR version "${version} + 1")
    get_filename_component(file "${file}" ABSOLUTE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    file(READ "${file}" text)
    get_filename_component(name "${file}" NAME_WE)
    string(REGEX REPLACE "^[0-9]+_" "" name "${name}")
    string(APPEND entries "      {${version}, \"${name}\", R\"sql(${text})sql\"},\n")
  endforeach()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/migrations.cc")
  file(
    CONFIGURE
    OUTPUT "${source}"
    CONTENT
      "#include <vector>\n\n#include \"libs/postgres/migrator.h\"\n\nnamespace ${ARG_NAMESPACE} {\nconst std::vector<shodan::postgres::Migration>& Migrations();\nconst std::vector<shodan::postgres::Migration>& Migrations() {\n  static const std::vector<shodan::postgres::Migration> migrations = {\n@entries@  };\n  return migrations;\n}\n}  // namespace ${ARG_NAMESPACE}\n"
    @ONLY)
  set(${OUT}
      "${source}"
      PARENT_SCOPE)
endfunction()
