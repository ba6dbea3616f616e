// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/gateway/handlers/request_context.h"

namespace shodan::gateway {

/// Files of the web front end, read and hashed once at the start. A request is looked up in an
/// exact map, so no path can lead anywhere else. Immutable; thread-safe.
class StaticFiles {
 public:
  /// Takes .html, .mjs, .js, .css, .svg, .json, .woff2, .png and .ico files of `directory`, at most
  /// 1,000 of 2 MiB each. INVALID_ARGUMENT/STATIC_DIRECTORY_INVALID, also without app/index.html.
  static absl::StatusOr<StaticFiles> Load(const std::string& directory);

  /// The file of the path, for example "app/assets/app.mjs"; null when there is none.
  bool Has(std::string_view path) const { return files_.contains(path); }
  size_t size() const { return files_.size(); }

  HandlerResult Home(const RequestContext& context) const;         ///< / leads to /app/
  HandlerResult Application(const RequestContext& context) const;  ///< /app/…, index.html for views
  HandlerResult Component(const RequestContext& context) const;    ///< /components/…
  HandlerResult Style(const RequestContext& context) const;        ///< of the gateway's own pages
  HandlerResult OpenerScript(const RequestContext& context) const;  ///< see pages/html.h
  /// The picture of the Zoom integration, for pages of any origin.
  HandlerResult Icon(const RequestContext& context) const;

 private:
  struct File {
    std::shared_ptr<const std::string> content;
    std::string_view media_type;
    std::string etag;
  };

  StaticFiles() = default;
  absl::StatusOr<http::Response> Answer(const RequestContext& context, std::string_view path) const;

  std::map<std::string, File, std::less<>> files_;
};

}  // namespace shodan::gateway
