// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/services/gateway/running_gateway.h"

#include <chrono>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/libs/jwt/rfc_examples.h"

namespace shodan::gateway {
namespace {

namespace al = shodan::accountlink::v1;

al::Project DemoProject(const jwt::SigningKey& key) {
  al::Project project;
  project.set_project_id("demo");
  project.set_display_name("Shodan Pro");
  project.set_settings_url("https://localhost:8443/app/settings/integrations");
  project.add_origins(kOrigin);
  project.add_origins("https://crm.example");
  al::TokenIssuer* issuer = project.add_token_issuers();
  issuer->set_issuer("https://localhost:8443/dev");
  issuer->set_audience("shodan-pro");
  issuer->set_jwks(jwt::rfc::SetOf(key.PublicJwk()));
  issuer->set_user_claim("sub");
  issuer->set_name_claim("name");
  issuer->set_role_claim("roles");
  issuer->set_admin_role("admin");
  return project;
}

}  // namespace

RunningGateway::RunningGateway(const std::function<void(Config&)>& change)
    : key_(*jwt::SigningKey::FromPem(Secret(jwt::rfc::kEdPrivatePem))),
      log_("gateway", LogLevel::kError) {
  const jwt::KeySet assertion_keys = *jwt::KeySet::Parse(jwt::rfc::SetOf(key_.PublicJwk()));
  backends_ = std::make_unique<FakeBackends>(
      [this](const std::string& name) { return authority_.Issue(name); }, assertion_keys);
  backends_->project = DemoProject(key_);
  const rpc::TlsFiles identity = authority_.Issue("gateway");
  ca_file_ = identity.ca_file;
  Config config;
  config.common.environment = service::Environment::kDevelopment;
  config.listen = "127.0.0.1:0";
  config.certificate_file = identity.certificate_file;
  config.private_key_file = identity.private_key_file;
  config.public_url = kOrigin;
  config.public_origin = kOrigin;
  config.backends = {identity,
                     backends_->token_vault_target(),
                     backends_->call_link_target(),
                     backends_->account_link_target(),
                     backends_->zoom_api_target(),
                     backends_->automation_target()};
  config.assertion_private_key = Secret(jwt::rfc::kEdPrivatePem);
  config.static_directory = SHODAN_SOURCE_DIR "/services/gateway/static";
  config.default_project = "demo";
  config.development_issuer = DevelopmentIssuerConfig{
      Secret(jwt::rfc::kEdPrivatePem), {{"ann", "Ann Example", {"admin"}}, {"bob", "Bob", {}}}};
  config.limits.drain_accept_time = std::chrono::milliseconds(50);
  config.rates = {1'000'000, 1'000'000, 1'000'000, 1'000'000};
  if (change) change(config);
  auto started = Gateway::Start(std::move(config), log_, metrics_);
  if (!started.ok()) FAIL(started.status().ToString());
  gateway_ = *std::move(started);
}

std::unique_ptr<TlsClient> RunningGateway::Connect() const {
  return std::make_unique<TlsClient>(gateway_->port(), ca_file_);
}

std::string RunningGateway::Token(const std::string& user, const std::string& roles,
                                  int seconds) const {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  return key_.Sign(R"({"iss":"https://localhost:8443/dev","aud":"shodan-pro","sub":")" + user +
                   R"(","name":"Name of )" + user + R"(","roles":)" + roles + R"(,"exp":)" +
                   std::to_string(now + seconds) + "}");
}

std::string TextOf(const RequestText& request) {
  std::string text =
      request.method + " " + request.target + " HTTP/1.1\r\nHost: localhost:8443\r\n";
  for (const std::string& field : request.fields) text += field + "\r\n";
  if (!request.body.empty())
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return text + "\r\n" + request.body;
}

RawResponse RunningGateway::Send(const RequestText& request) const {
  const auto client = Connect();
  REQUIRE(client->Send(TextOf(request)));
  auto response = client->Receive(request.method == "HEAD");
  REQUIRE(response.has_value());
  return *std::move(response);
}

RawResponse RunningGateway::Get(const std::string& target,
                                const std::vector<std::string>& fields) const {
  return Send({"GET", target, fields, ""});
}

RawResponse RunningGateway::As(const std::string& user, const std::string& method,
                               const std::string& target, const std::string& body) const {
  RequestText request{method, target, {"Authorization: Bearer " + Token(user)}, body};
  if (!body.empty()) request.fields.emplace_back("Content-Type: application/json");
  return Send(request);
}

boost::json::value JsonOf(const RawResponse& response) {
  boost::json::error_code error;
  boost::json::value value = boost::json::parse(response.body, error);
  if (error) FAIL("not JSON: " << response.status << " " << response.body);
  return value;
}

std::string ProblemOf(const RawResponse& response) {
  if (response.Field("content-type") != "application/problem+json") {
    return std::to_string(response.status) + " no problem document";
  }
  const boost::json::value problem = JsonOf(response);
  std::string text = std::to_string(problem.at("status").as_int64());
  if (problem.at("status").as_int64() != response.status)
    text += " but sent " + std::to_string(response.status);
  text += std::string(" ") + problem.at("reason").as_string().c_str();
  std::string separator = " ";
  for (const auto& error : problem.at("errors").as_array()) {
    text += separator + error.at("field").as_string().c_str();
    separator = ",";
  }
  return text;
}

}  // namespace shodan::gateway
