// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/handlers/static_files.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/crypto/digest.h"
#include "services/gateway/pages/html.h"

namespace shodan::gateway {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFilesMax = 1000;
constexpr std::uintmax_t kFileBytesMax = std::uintmax_t{2} << 20U;
constexpr std::string_view kIndex = "app/index.html";
constexpr std::string_view kIcon = "integrations/zoom.svg";
constexpr std::string_view kStyleKey = "pages/style.css";

constexpr std::pair<std::string_view, std::string_view> kMediaTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".json", "application/json"},
    {".woff2", "font/woff2"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
};

std::string_view MediaTypeOf(const fs::path& path) {
  for (const auto& [extension, type] : kMediaTypes) {
    if (path.extension() == extension) return type;
  }
  return {};
}

absl::Status Invalid(std::string_view what) {
  return InvalidArgument("STATIC_DIRECTORY_INVALID", Join("static_directory: ", what));
}

absl::Status NotThere() { return NotFound("NOT_FOUND", "There is nothing at this path."); }

}  // namespace

absl::StatusOr<StaticFiles> StaticFiles::Load(const std::string& directory) {
  StaticFiles result;
  const auto add = [&](std::string path, std::string_view type, std::string content) {
    File file;
    file.etag = Join("\"", Base64UrlEncode(Sha256(std::string_view(content))).substr(0, 22), "\"");
    file.media_type = type;
    file.content = std::make_shared<const std::string>(std::move(content));
    result.files_.emplace(std::move(path), std::move(file));
  };
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    const std::string_view type = MediaTypeOf(it->path());
    if (it->is_symlink() || !it->is_regular_file() || type.empty()) continue;
    if (it->file_size() > kFileBytesMax || result.files_.size() >= kFilesMax) {
      return Invalid("holds too many or too large files");
    }
    std::ifstream in(it->path(), std::ios::binary);
    std::stringstream content;
    content << in.rdbuf();
    if (!in) return Invalid(Join("cannot be read: ", it->path().string()));
    add(it->path().lexically_relative(directory).generic_string(), type, content.str());
  }
  if (error) return Invalid(Join("cannot be read: ", error.message()));
  if (!result.Has(kIndex)) return Invalid("holds no app/index.html");
  add(std::string(kStyleKey), "text/css; charset=utf-8", std::string(PageStyle()));
  return result;
}

absl::StatusOr<http::Response> StaticFiles::Answer(const RequestContext& context,
                                                   std::string_view path) const {
  const auto found = files_.find(path);
  if (found == files_.end()) return NotThere();
  const File& file = found->second;
  http::Response response;
  // The names carry no version: a browser asks each time whether its copy still fits.
  response.fields.Set("Cache-Control", "public, max-age=0, must-revalidate");
  response.fields.Set("ETag", file.etag);
  if (context.request.head.fields.Get("If-None-Match") == file.etag) {
    response.status = 304;
    return response;
  }
  response.fields.Set("Content-Type", file.media_type);
  response.shared_body = file.content;
  return response;
}

HandlerResult StaticFiles::Home(const RequestContext&) const {
  http::Response response = http::SeeOther("/app/");
  response.status = 302;
  co_return response;
}

HandlerResult StaticFiles::Application(const RequestContext& context) const {
  const std::string& path = context.parameter("path");
  if (path.rfind("assets/", 0) == 0) co_return Answer(context, Join("app/", path));
  // Every other path is a view of the application, which routes in the browser.
  co_return Answer(context, kIndex);
}

HandlerResult StaticFiles::Component(const RequestContext& context) const {
  absl::StatusOr<http::Response> response =
      Answer(context, Join("components/", context.parameter("path")));
  // Made for embedding: public code, which pages of other origins may import.
  if (response.ok()) {
    response->fields.Set("Access-Control-Allow-Origin", "*");
    response->fields.Set("Cross-Origin-Resource-Policy", "cross-origin");
  }
  co_return response;
}

HandlerResult StaticFiles::Style(const RequestContext& context) const {
  co_return Answer(context, kStyleKey);
}

HandlerResult StaticFiles::OpenerScript(const RequestContext& context) const {
  co_return Answer(context, kOpenerScriptPath.substr(1));
}

HandlerResult StaticFiles::Icon(const RequestContext& context) const {
  absl::StatusOr<http::Response> response = Answer(context, kIcon);
  if (response.ok()) response->fields.Set("Cross-Origin-Resource-Policy", "cross-origin");
  co_return response;
}

}  // namespace shodan::gateway
