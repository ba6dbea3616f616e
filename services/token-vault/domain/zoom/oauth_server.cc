// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/zoom/oauth_server.h"

#include <algorithm>

#include <boost/json.hpp>

#include "libs/base/deadline.h"
#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/crypto/digest.h"
#include "libs/crypto/random.h"
#include "services/token-vault/domain/errors.h"

namespace shodan::tokenvault {
namespace {

namespace json = boost::json;

constexpr size_t kProfileFieldBytesMax = 512;

// application/x-www-form-urlencoded; also right for a query.
std::string Escape(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + 16);
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kDigits[byte >> 4U]);
      out.push_back(kDigits[byte & 15U]);
    }
  }
  return out;
}

void AddParameter(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty()) form.push_back('&');
  form += Escape(name);
  form.push_back('=');
  std::string escaped = Escape(value);
  form += escaped;
  WipeString(escaped);
}

void AddParameter(std::string& form, std::string_view name, const Secret& value) {
  AddParameter(form, name, value.Expose(SecretAccess::ForUpstreamRequest()));
}

struct Credentials {
  const std::string& client_id;
  const Secret& client_secret;
};

// RFC 6749 section 2.3.1: id and secret are form-encoded before they are joined.
Secret BasicCredentials(const Credentials& credentials) {
  std::string pair = Escape(credentials.client_id) + ":" +
                     Escape(credentials.client_secret.Expose(SecretAccess::ForUpstreamRequest()));
  std::string header = "Basic " + Base64Encode(pair);
  WipeString(pair);
  return Secret::Take(std::move(header));
}

void Authenticate(ClientAuthentication method, const Credentials& credentials,
                  HttpsRequest& request, std::string& form) {
  switch (method) {
    case ClientAuthentication::kBasic:
      request.headers.emplace_back("Authorization", BasicCredentials(credentials));
      return;
    case ClientAuthentication::kPost:
      AddParameter(form, "client_id", credentials.client_id);
      AddParameter(form, "client_secret", credentials.client_secret);
      return;
    case ClientAuthentication::kNone:
      AddParameter(form, "client_id", credentials.client_id);
      return;
  }
}

HttpsRequest FormRequest(const ZoomApp& app, const Credentials& credentials, const std::string& url,
                         std::string form, std::chrono::milliseconds timeout) {
  HttpsRequest request;
  request.method = "POST";
  request.url = url;
  request.timeout = timeout;
  request.ca_file = app.ca_file;
  request.headers.emplace_back("Content-Type", Secret("application/x-www-form-urlencoded"));
  request.headers.emplace_back("Accept", Secret("application/json"));
  Authenticate(app.client_authentication, credentials, request, form);
  request.body = Secret::Take(std::move(form));
  return request;
}

// Strings as they are; numbers as Zoom writes some ids.
std::string At(const json::value& document, const std::string& pointer) {
  if (pointer.empty()) return "";
  boost::system::error_code error;
  const json::value* value = document.find_pointer(pointer, error);
  if (error || value == nullptr) return "";
  std::string text;
  if (value->is_string()) {
    text = std::string(std::string_view(value->get_string()));
  } else if (value->is_int64() || value->is_uint64()) {
    text = json::serialize(*value);
  }
  return text.size() <= kProfileFieldBytesMax ? text : "";
}

std::string DisplayName(const json::value& document, const ProfilePointers& pointers) {
  std::string name = At(document, pointers.display_name);
  if (!name.empty()) return name;
  name = At(document, pointers.first_name);
  const std::string last = At(document, pointers.last_name);
  if (!name.empty() && !last.empty()) name += " ";
  return name + last;
}

}  // namespace

std::string OAuthServer::AuthorizationUrl(const ZoomApp& app, const Secret& state,
                                          const Secret& verifier) {
  std::string query;
  AddParameter(query, "response_type", "code");
  AddParameter(query, "client_id", app.client_id);
  AddParameter(query, "redirect_uri", app.redirect_url);
  AddParameter(query, "state", state);
  AddParameter(query, "code_challenge", PkceChallenge(verifier));
  AddParameter(query, "code_challenge_method", "S256");
  std::string scope;
  for (const std::string& name : app.request_scopes) scope += (scope.empty() ? "" : " ") + name;
  if (!scope.empty()) AddParameter(query, "scope", scope);
  for (const auto& [name, value] : app.authorization_parameters) AddParameter(query, name, value);
  const char separator = app.authorization_url.find('?') == std::string::npos ? '?' : '&';
  return app.authorization_url + separator + query;
}

TokenAnswer OAuthServer::ExchangeCode(const ZoomApp& app, const Secret& code,
                                      const Secret& verifier) {
  std::string form;
  AddParameter(form, "grant_type", "authorization_code");
  AddParameter(form, "code", code);
  AddParameter(form, "redirect_uri", app.redirect_url);
  AddParameter(form, "code_verifier", verifier);
  return RequestTokens(app, std::move(form), timeouts_.token);
}

TokenAnswer OAuthServer::Refresh(const ZoomApp& app, const Secret& refresh_token,
                                 std::chrono::milliseconds limit) {
  std::string form;
  AddParameter(form, "grant_type", "refresh_token");
  AddParameter(form, "refresh_token", refresh_token);
  return RequestTokens(app, std::move(form), std::min(limit, timeouts_.token));
}

TokenAnswer OAuthServer::TryCredentials(const ZoomApp& app, const std::string& client_id,
                                        const Secret& client_secret,
                                        std::chrono::milliseconds limit) {
  std::string form;
  AddParameter(form, "grant_type", "refresh_token");
  AddParameter(form, "refresh_token", "credential-test-" + RandomUuid());
  const HttpsRequest request = FormRequest(app, {client_id, client_secret}, app.token_url,
                                           std::move(form), std::min(limit, timeouts_.token));
  return ReadTokenAnswer(https_.Send(request), clock_());
}

TokenAnswer OAuthServer::RequestTokens(const ZoomApp& app, std::string form,
                                       std::chrono::milliseconds limit) {
  const Deadline deadline = Deadline::After(limit);
  const bool has_previous = !app.previous_client_secret.empty();
  std::string repeated = has_previous ? form : std::string();
  const HttpsRequest request =
      FormRequest(app, {app.client_id, app.client_secret}, app.token_url, std::move(form), limit);
  TokenAnswer answer = ReadTokenAnswer(https_.Send(request), clock_());
  // A refused client has consumed nothing.
  const bool repeat =
      has_previous && answer.verdict == TokenVerdict::kConfig && !deadline.Expired();
  if (!repeat) {
    WipeString(repeated);
    return answer;
  }
  const HttpsRequest again = FormRequest(app, {app.client_id, app.previous_client_secret},
                                         app.token_url, std::move(repeated), deadline.Remaining());
  return ReadTokenAnswer(https_.Send(again), clock_());
}

RevokeAnswer OAuthServer::Revoke(const ZoomApp& app, const Secret& token,
                                 std::chrono::milliseconds limit) {
  if (app.revocation_url.empty()) return RevokeAnswer::kRefused;
  limit = std::min(limit, timeouts_.revoke);
  const Deadline deadline = Deadline::After(limit);
  RevokeAnswer answer = RevokeAs(app, app.client_secret, token, limit);
  if (answer == RevokeAnswer::kRefused && !app.previous_client_secret.empty() &&
      !deadline.Expired()) {
    answer = RevokeAs(app, app.previous_client_secret, token, deadline.Remaining());
  }
  return answer;
}

RevokeAnswer OAuthServer::RevokeAs(const ZoomApp& app, const Secret& client_secret,
                                   const Secret& token, std::chrono::milliseconds limit) {
  std::string form;
  AddParameter(form, "token", token);
  const HttpsRequest request =
      FormRequest(app, {app.client_id, client_secret}, app.revocation_url, std::move(form), limit);
  const HttpsOutcome outcome = https_.Send(request);
  if (outcome.error.ok() && outcome.status >= 200 && outcome.status < 300) {
    return RevokeAnswer::kConfirmed;
  }
  const bool refused = outcome.error.ok() && outcome.status >= 400 && outcome.status < 500 &&
                       outcome.status != 408 && outcome.status != 429;
  return refused ? RevokeAnswer::kRefused : RevokeAnswer::kUnknown;
}

absl::StatusOr<ZoomProfile> OAuthServer::ReadProfile(const ZoomApp& app, const Secret& access_token,
                                                     std::chrono::milliseconds limit) {
  HttpsRequest request;
  request.url = app.profile_url;
  request.timeout = std::min(timeouts_.profile, limit);
  request.ca_file = app.ca_file;
  std::string bearer = "Bearer ";
  bearer += access_token.Expose(SecretAccess::ForUpstreamRequest());
  request.headers.emplace_back("Authorization", Secret::Take(std::move(bearer)));
  request.headers.emplace_back("Accept", Secret("application/json"));
  const HttpsOutcome outcome = https_.Send(request);
  if (outcome.error.ok() && outcome.status == 401) {
    return FailedPrecondition(kZoomTokenRefused, "Zoom no longer takes the access token.");
  }
  if (!outcome.error.ok() || outcome.status != 200) {
    return MakeError(absl::StatusCode::kUnavailable, kZoomUnavailable,
                     "Zoom did not tell who authorized the app.",
                     {{"status", std::to_string(outcome.status)}});
  }
  boost::system::error_code error;
  const json::value document =
      json::parse(outcome.body.Expose(SecretAccess::ForEncryption()), error);
  ZoomProfile profile;
  if (!error) {
    const ProfilePointers& pointers = app.profile_pointers;
    profile.user_id = At(document, pointers.user_id);
    profile.account_id = At(document, pointers.account_id);
    profile.email = At(document, pointers.email);
    profile.display_name = DisplayName(document, pointers);
  }
  if (profile.user_id.empty()) {
    return FailedPrecondition(kZoomAnswerInvalid, "The profile document holds no user id.");
  }
  return profile;
}

Secret EncodeProfile(const ZoomProfile& profile) {
  const json::object document = {{"user_id", profile.user_id},
                                 {"account_id", profile.account_id},
                                 {"email", profile.email},
                                 {"display_name", profile.display_name}};
  return Secret::Take(json::serialize(document));
}

absl::StatusOr<ZoomProfile> DecodeProfile(const Secret& encoded) {
  boost::system::error_code error;
  const json::value document = json::parse(encoded.Expose(SecretAccess::ForAnswer()), error);
  if (error) return Internal("PROFILE_MALFORMED", "A sealed profile is not in the right format.");
  return ZoomProfile{At(document, "/user_id"), At(document, "/account_id"), At(document, "/email"),
                     At(document, "/display_name")};
}

}  // namespace shodan::tokenvault
