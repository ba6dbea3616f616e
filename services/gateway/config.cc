// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/config.h"

#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "libs/base/strings.h"

namespace shodan::gateway {
namespace {

using std::chrono::milliseconds;

constexpr int64_t kConnectionsMax = 1'000'000;
constexpr int64_t kPerMinuteMax = 1'000'000;
constexpr int64_t kTimeLimitMsMax = 600'000;

bool IsLoopbackHost(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

void ReadPublicUrl(ConfigReader& reader, Config& config) {
  config.public_url = reader.String("public_url");
  const auto url = boost::urls::parse_uri(config.public_url);
  const bool plain = url.has_value() && url->scheme() == "https" && !url->encoded_host().empty() &&
                     !url->has_userinfo() && !url->has_query() && !url->has_fragment() &&
                     (url->encoded_path().empty() || url->encoded_path() == "/");
  if (!plain) {
    reader.AddProblem("public_url", "must be https://HOST or https://HOST:PORT");
    return;
  }
  while (config.public_url.back() == '/') config.public_url.pop_back();
  std::string host(url->encoded_host());
  std::transform(host.begin(), host.end(), host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  config.public_origin = Join("https://", host);
  if (url->has_port() && url->port() != "443") {
    config.public_origin += Join(":", std::string(url->port()));
  }
}

void ReadBackends(ConfigReader& reader, BackendTargets& backends) {
  ConfigReader object = reader.Object("backends");
  backends.tls.certificate_file = object.String("certificate_file");
  backends.tls.private_key_file = object.String("private_key_file");
  backends.tls.ca_file = object.String("ca_file");
  backends.token_vault = object.String("token_vault");
  backends.call_link = object.String("call_link");
  backends.account_link = object.String("account_link");
  backends.zoom_api = object.String("zoom_api");
  backends.automation = object.String("automation");
}

std::optional<RedisConfig> ReadRedis(ConfigReader& reader) {
  if (!reader.Has("redis")) return std::nullopt;
  ConfigReader object = reader.Object("redis");
  RedisConfig redis;
  redis.host = object.String("host");
  redis.port = static_cast<uint16_t>(object.Integer("port", 1, 65535, 6379));
  redis.username = object.String("username", "");
  redis.password = object.SecretFile("password_file", true);
  if (object.Has("tls")) redis.ca_file = object.Object("tls").String("ca_file");
  return redis;
}

std::optional<DevelopmentIssuerConfig> ReadDevelopmentIssuer(ConfigReader& reader,
                                                             const service::CommonConfig& common) {
  if (!reader.Has("development_issuer")) return std::nullopt;
  if (!common.development()) {
    reader.AddProblem("development_issuer",
                      "signs anybody in; it is only allowed with environment development");
  }
  ConfigReader object = reader.Object("development_issuer");
  DevelopmentIssuerConfig issuer;
  issuer.private_key = object.SecretFile("private_key_file");
  for (ConfigReader& entry : object.Objects("users")) {
    DemoUser user;
    user.user_id = entry.String("user_id");
    user.display_name = entry.String("display_name");
    user.roles = entry.Strings("roles");
    issuer.users.push_back(std::move(user));
  }
  if (issuer.users.empty()) reader.AddProblem("development_issuer", "needs at least one user");
  return issuer;
}

Limits ReadLimits(ConfigReader& reader, bool development) {
  Limits limits;
  if (development) limits.drain_accept_time = milliseconds(200);
  limits.drain_time_limit = std::chrono::seconds(reader.Integer("drain_s", 0, 600, 20));
  ConfigReader object = reader.Object("limits");
  const auto time = [&](const char* key, milliseconds& value) {
    value = milliseconds(object.Integer(key, 1, kTimeLimitMsMax, value.count()));
  };
  time("handshake_ms", limits.handshake_time_limit);
  time("head_ms", limits.head_time_limit);
  time("body_ms", limits.body_time_limit);
  time("write_ms", limits.write_time_limit);
  time("idle_ms", limits.idle_time_limit);
  time("stall_ms", limits.stall_time_limit);
  time("drain_accept_ms", limits.drain_accept_time);
  limits.io_threads = static_cast<int>(object.Integer("io_threads", 1, 64, limits.io_threads));
  limits.connections_max = static_cast<size_t>(object.Integer(
      "connections", 1, kConnectionsMax, static_cast<int64_t>(limits.connections_max)));
  limits.connections_per_address_max =
      static_cast<size_t>(object.Integer("connections_per_address", 1, kConnectionsMax,
                                         static_cast<int64_t>(limits.connections_per_address_max)));
  return limits;
}

RateSettings ReadRates(ConfigReader& reader) {
  ConfigReader object = reader.Object("rate_limits");
  RateSettings rates;
  const auto rate = [&](const char* key, int64_t& value) {
    value = object.Integer(key, 1, kPerMinuteMax, value);
  };
  rate("per_user_per_minute", rates.per_user_per_minute);
  rate("per_address_per_minute", rates.per_address_per_minute);
  rate("connect_per_user_per_minute", rates.connect_per_user_per_minute);
  rate("zoom_per_user_per_minute", rates.zoom_per_user_per_minute);
  rate("per_api_key_per_minute", rates.per_api_key_per_minute);
  rate("webhooks_per_address_per_minute", rates.webhooks_per_address_per_minute);
  return rates;
}

boost::json::object DescribeLimits(const Limits& limits) {
  return {{"handshake_ms", limits.handshake_time_limit.count()},
          {"head_ms", limits.head_time_limit.count()},
          {"body_ms", limits.body_time_limit.count()},
          {"write_ms", limits.write_time_limit.count()},
          {"idle_ms", limits.idle_time_limit.count()},
          {"stall_ms", limits.stall_time_limit.count()},
          {"drain_accept_ms", limits.drain_accept_time.count()},
          {"io_threads", limits.io_threads},
          {"connections", limits.connections_max},
          {"connections_per_address", limits.connections_per_address_max}};
}

boost::json::value DescribeRedis(const std::optional<RedisConfig>& redis) {
  if (!redis.has_value()) return nullptr;
  boost::json::value tls = nullptr;
  if (redis->ca_file.has_value()) tls = boost::json::object{{"ca_file", *redis->ca_file}};
  return boost::json::object{{"host", redis->host},
                             {"port", redis->port},
                             {"username", redis->username},
                             {"password_file", service::kRedacted.data()},
                             {"tls", std::move(tls)}};
}

boost::json::value DescribeIssuer(const std::optional<DevelopmentIssuerConfig>& issuer) {
  if (!issuer.has_value()) return nullptr;
  boost::json::array users;
  for (const DemoUser& user : issuer->users) users.emplace_back(user.user_id);
  return boost::json::object{{"private_key_file", service::kRedacted.data()},
                             {"users", std::move(users)}};
}

}  // namespace

bool Config::pin_https() const {
  const auto url = boost::urls::parse_uri(public_origin);
  const bool loopback = url.has_value() && IsLoopbackHost(std::string(url->encoded_host()));
  return !(common.development() && loopback);
}

Config ReadConfig(ConfigReader& reader) {
  Config config;
  config.common = service::ReadCommonConfig(reader);
  {
    ConfigReader https = reader.Object("https");
    config.listen = service::ReadListenAddress(https, "listen");
    config.certificate_file = https.String("certificate_file");
    config.private_key_file = https.String("private_key_file");
  }
  ReadPublicUrl(reader, config);
  ReadBackends(reader, config.backends);
  config.assertion_private_key = reader.SecretFile("assertion_private_key_file");
  config.redis = ReadRedis(reader);
  config.static_directory = reader.String("static_directory");
  config.default_project = reader.String("default_project");
  config.development_issuer = ReadDevelopmentIssuer(reader, config.common);
  config.limits = ReadLimits(reader, config.common.development());
  config.rates = ReadRates(reader);
  absl::StatusOr<TrustedProxies> proxies = TrustedProxies::Parse(reader.Strings("trusted_proxies"));
  if (proxies.ok()) {
    config.trusted_proxies = *std::move(proxies);
  } else {
    reader.AddProblem("trusted_proxies", ToStd(proxies.status().message()));
  }
  return config;
}

boost::json::object DescribeConfig(const Config& config) {
  boost::json::object out = service::DescribeCommonConfig(config.common);
  out["https"] = {{"listen", config.listen},
                  {"certificate_file", config.certificate_file},
                  {"private_key_file", config.private_key_file}};
  out["public_url"] = config.public_url;
  out["backends"] = {{"certificate_file", config.backends.tls.certificate_file},
                     {"private_key_file", config.backends.tls.private_key_file},
                     {"ca_file", config.backends.tls.ca_file},
                     {"token_vault", config.backends.token_vault},
                     {"call_link", config.backends.call_link},
                     {"account_link", config.backends.account_link},
                     {"zoom_api", config.backends.zoom_api},
                     {"automation", config.backends.automation}};
  out["assertion_private_key_file"] = service::kRedacted.data();
  out["redis"] = DescribeRedis(config.redis);
  out["static_directory"] = config.static_directory;
  out["default_project"] = config.default_project;
  out["development_issuer"] = DescribeIssuer(config.development_issuer);
  out["limits"] = DescribeLimits(config.limits);
  out["rate_limits"] = {
      {"per_user_per_minute", config.rates.per_user_per_minute},
      {"per_address_per_minute", config.rates.per_address_per_minute},
      {"connect_per_user_per_minute", config.rates.connect_per_user_per_minute},
      {"zoom_per_user_per_minute", config.rates.zoom_per_user_per_minute},
      {"per_api_key_per_minute", config.rates.per_api_key_per_minute},
      {"webhooks_per_address_per_minute", config.rates.webhooks_per_address_per_minute}};
  out["drain_s"] =
      std::chrono::duration_cast<std::chrono::seconds>(config.limits.drain_time_limit).count();
  return out;
}

}  // namespace shodan::gateway
