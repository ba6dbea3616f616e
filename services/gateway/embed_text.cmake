# SPDX-License-Identifier: Apache-2.0
# cmake -D INPUT=file -D OUTPUT=file.cc -P embed_text.cmake
# Writes services/gateway/openapi.json as bytes: a string literal of its length is not portable.
file(READ "${INPUT}" bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
file(
  WRITE "${OUTPUT}"
  "// SPDX-License-Identifier: Apache-2.0\n"
  "#include \"services/gateway/handlers/document_handlers.h\"\n"
  "namespace shodan::gateway {\n"
  "namespace {\nconstexpr char kDocument[] = {${bytes}};\n}  // namespace\n"
  "const std::string& OpenApiDocument() {\n"
  "  static const std::string document(kDocument, sizeof kDocument);\n"
  "  return document;\n}\n"
  "}  // namespace shodan::gateway\n")
