// SPDX-License-Identifier: Apache-2.0
#include "libs/http/response.h"

namespace shodan::http {

Response JsonResponse(int status, std::string json) {
  Response response;
  response.status = status;
  response.fields.Set("Content-Type", "application/json");
  response.body = std::move(json);
  return response;
}

Response HtmlResponse(int status, std::string html) {
  Response response;
  response.status = status;
  response.fields.Set("Content-Type", "text/html; charset=utf-8");
  response.body = std::move(html);
  return response;
}

Response SeeOther(std::string_view location) {
  Response response;
  response.status = 303;
  response.fields.Set("Location", location);
  return response;
}

}  // namespace shodan::http
