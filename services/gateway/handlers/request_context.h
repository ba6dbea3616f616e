// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "absl/status/statusor.h"
#include "libs/base/deadline.h"
#include "libs/http/request.h"
#include "libs/http/response.h"
#include "libs/http/route_table.h"
#include "services/gateway/auth/project_directory.h"
#include "services/gateway/auth/session.h"
#include "services/gateway/backends/backend_call.h"
#include "services/gateway/limits.h"

namespace shodan::gateway {

/// Whose conventions a route follows: how it is authenticated, how errors look, what browsers may
/// send from other origins.
enum class Surface {
  kOwn,      ///< the browser API and the pages
  kParagon,  ///< what @useparagon/connect talks to: Bearer tokens alone, errors with `message`
};

/// What a handler gets. Lives until its answer is there.
struct RequestContext {
  http::Request request;
  http::PathParameters parameters;
  std::string request_id;
  Surface surface = Surface::kOwn;
  Deadline deadline = Deadline::After(std::chrono::milliseconds(0));
  KnownProjectPtr project;                ///< of the path; null where the path names none
  std::optional<Session> session;         ///< present on routes that need one
  std::optional<ApiKeyIdentity> api_key;  ///< present on routes that need one, with their scope

  /// For every call to a backend: the request's deadline less what the answer needs.
  BackendCall backend_call() const {
    return BackendCall(Deadline::At(deadline.when() - kDeadlineMargin), request_id);
  }
  Person person() const { return session->person(); }
  const std::string& parameter(std::string_view name) const {
    return parameters.find(name)->second;
  }
};

using HandlerResult = boost::asio::awaitable<absl::StatusOr<http::Response>>;
/// An error becomes a problem document or, for browsers outside the API, a page.
using Handler = std::function<HandlerResult(const RequestContext&)>;

}  // namespace shodan::gateway
