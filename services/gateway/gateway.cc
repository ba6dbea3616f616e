// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/gateway.h"

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <grpcpp/grpcpp.h>

#include "libs/base/status.h"
#include "libs/base/strings.h"
#include "libs/concurrency/worker_pool.h"
#include "libs/https_client/curl_https_client.h"
#include "libs/redis/client.h"
#include "services/gateway/auth/install_seal.h"
#include "services/gateway/auth/key_set_directory.h"
#include "services/gateway/auth/session_verifier.h"
#include "services/gateway/backends/assertion_signer.h"
#include "services/gateway/backends/channels.h"
#include "services/gateway/backends/grpc_account_link_client.h"
#include "services/gateway/backends/grpc_administration_client.h"
#include "services/gateway/backends/grpc_api_key_client.h"
#include "services/gateway/backends/grpc_automation_client.h"
#include "services/gateway/backends/grpc_call_link_client.h"
#include "services/gateway/backends/grpc_connection_client.h"
#include "services/gateway/backends/grpc_token_vault_client.h"
#include "services/gateway/backends/grpc_webhook_endpoint_client.h"
#include "services/gateway/backends/grpc_webhook_inbox_client.h"
#include "services/gateway/backends/grpc_zoom_api_client.h"
#include "services/gateway/handlers/administration_handlers.h"
#include "services/gateway/handlers/api_key_handlers.h"
#include "services/gateway/handlers/call_handlers.h"
#include "services/gateway/handlers/callback_handler.h"
#include "services/gateway/handlers/connect_handlers.h"
#include "services/gateway/handlers/connect_session_handler.h"
#include "services/gateway/handlers/development_handlers.h"
#include "services/gateway/handlers/link_handlers.h"
#include "services/gateway/handlers/meeting_handlers.h"
#include "services/gateway/handlers/nango_handlers.h"
#include "services/gateway/handlers/note_handlers.h"
#include "services/gateway/handlers/paragon_install_handlers.h"
#include "services/gateway/handlers/paragon_request_handler.h"
#include "services/gateway/handlers/paragon_user_handlers.h"
#include "services/gateway/handlers/static_files.h"
#include "services/gateway/handlers/webhook_endpoint_handlers.h"
#include "services/gateway/handlers/webhook_handler.h"
#include "services/gateway/handlers/webhook_inbox_handlers.h"
#include "services/gateway/handlers/zoom_handler.h"
#include "services/gateway/http/listener.h"
#include "services/gateway/http/tls_context.h"
#include "services/gateway/rate_limit/rate_limiter.h"
#include "services/gateway/routes.h"

namespace shodan::gateway {
namespace {

constexpr std::chrono::milliseconds kReadinessWait{500};

std::unique_ptr<redis::Client> ConnectRedis(boost::asio::io_context& io,
                                            std::optional<RedisConfig>& config) {
  if (!config.has_value()) return nullptr;
  redis::ClientOptions options;
  options.host = config->host;
  options.port = config->port;
  options.username = config->username;
  options.password = std::move(config->password);
  options.ca_file = config->ca_file;
  return std::make_unique<redis::Client>(io.get_executor(), std::move(options));
}

// Whether a backend was reached once: certificates, names and ports fit. Later outages are no
// reason to take the edge away from its users, who would then not even get an answer that says so.
bool WasReached(grpc::Channel& channel, std::atomic<bool>& reached) {
  if (reached.load()) return true;
  // Waits, because a channel without a call moves on only every five seconds unless it is watched.
  if (channel.WaitForConnected(std::chrono::system_clock::now() + kReadinessWait)) {
    reached.store(true);
  }
  return reached.load();
}

}  // namespace

// Members in the order of their dependence: each uses only those above it.
struct Gateway::Impl {
  Impl(Config c, jwt::SigningKey assertion_key, Logger& l, Metrics& m)
      : config(std::move(c)), log(l), metrics(m), signer(std::move(assertion_key)) {}

  ~Impl() {
    // Streams end on the io threads, and gRPC's last word about each of them does too.
    if (listener != nullptr) listener->Abort();
    zoom->WaitForExchanges(Deadline::After(config.limits.close_time_limit));
    work.reset();
    if (redis != nullptr) redis->Stop();
    io.stop();
    for (std::thread& thread : threads) thread.join();
  }

  absl::Status AddDevelopmentIssuer() {
    if (!config.development_issuer.has_value()) return absl::OkStatus();
    SHODAN_ASSIGN_OR_RETURN(auto key,
                            jwt::SigningKey::FromPem(config.development_issuer->private_key));
    issuer.emplace(std::move(key), Join(config.public_url, "/dev"),
                   config.development_issuer->users);
    development.emplace(*issuer, projects, config.default_project);
    return absl::OkStatus();
  }

  std::vector<RouteEntry> Routes() {
    RouteHandlers handlers;
    handlers.administration = &administration;
    handlers.api_keys = &api_keys;
    handlers.calls = &calls;
    handlers.callback = &callback;
    handlers.connect = &connect;
    handlers.connect_session = &connect_session;
    handlers.development = development.has_value() ? &*development : nullptr;
    handlers.links = &links;
    handlers.meetings = &meetings;
    handlers.nango = &nango;
    handlers.notes = &notes;
    handlers.paragon_installs = &paragon_installs;
    handlers.paragon_requests = &paragon_requests;
    handlers.paragon_users = &paragon_users;
    handlers.files = &*files;
    handlers.webhook_endpoints = &webhook_endpoints;
    handlers.webhooks = &webhooks;
    handlers.webhook_inbox = &webhook_inbox;
    handlers.zoom = &zoom_requests;
    return BuildRoutes(handlers);
  }

  Pipeline::Parts PipelineParts() {
    return {projects,
            sessions,
            *api_key_client,
            limiter,
            config.trusted_proxies,
            log,
            metrics,
            config.rates,
            config.public_origin,
            config.pin_https()};
  }

  absl::Status Start() {
    SHODAN_RETURN_IF_ERROR(AddDevelopmentIssuer());
    SHODAN_ASSIGN_OR_RETURN(files, StaticFiles::Load(config.static_directory));
    SHODAN_ASSIGN_OR_RETURN(tls,
                            TlsContext::Load(config.certificate_file, config.private_key_file));
    pipeline.emplace(PipelineParts(), Routes());
    Listener::Parts parts{io, *pipeline, *tls, config.trusted_proxies, config.limits, log, metrics};
    SHODAN_ASSIGN_OR_RETURN(listener, Listener::Start(config.listen, parts));
    for (int i = 0; i < config.limits.io_threads; ++i) {
      threads.emplace_back([this] { io.run(); });
    }
    return absl::OkStatus();
  }

  Config config;
  Logger& log;
  Metrics& metrics;
  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  AssertionSigner signer;
  const InstallSeal installs{config.assertion_private_key};
  std::shared_ptr<grpc::Channel> vault_channel =
      ChannelToTokenVault(config.backends.token_vault, config.backends.tls);
  std::shared_ptr<grpc::Channel> call_link_channel =
      ChannelToCallLink(config.backends.call_link, config.backends.tls);
  std::shared_ptr<grpc::Channel> account_link_channel =
      ChannelToAccountLink(config.backends.account_link, config.backends.tls);
  std::shared_ptr<grpc::Channel> zoom_channel =
      ChannelToZoomApi(config.backends.zoom_api, config.backends.tls);
  std::shared_ptr<grpc::Channel> automation_channel =
      ChannelToAutomation(config.backends.automation, config.backends.tls);
  std::atomic<bool> vault_reached{false};
  std::atomic<bool> call_link_reached{false};
  std::atomic<bool> account_link_reached{false};
  std::unique_ptr<TokenVaultClient> vault = MakeGrpcTokenVaultClient(vault_channel, signer);
  std::unique_ptr<CallLinkClient> call_links = MakeGrpcCallLinkClient(call_link_channel);
  std::unique_ptr<AccountLinkClient> accounts =
      MakeGrpcAccountLinkClient(account_link_channel, signer);
  std::unique_ptr<GrpcZoomApiClient> zoom = MakeGrpcZoomApiClient(zoom_channel, signer);
  std::unique_ptr<AutomationClient> automation = MakeGrpcAutomationClient(automation_channel);
  std::unique_ptr<WebhookInboxClient> inbox =
      MakeGrpcWebhookInboxClient(automation_channel, signer);
  std::unique_ptr<AdministrationClient> administration_client =
      MakeGrpcAdministrationClient(account_link_channel, vault_channel, signer);
  std::unique_ptr<ApiKeyClient> api_key_client = MakeGrpcApiKeyClient(account_link_channel, signer);
  std::unique_ptr<WebhookEndpointClient> webhook_endpoint_client =
      MakeGrpcWebhookEndpointClient(automation_channel, signer);
  std::unique_ptr<ConnectionClient> connections =
      MakeGrpcConnectionClient(account_link_channel, vault_channel, signer);
  CurlHttpsClient https_client;
  WorkerPool offload{kOffloadThreads, kOffloadQueueMax};
  KeySetDirectory key_sets{https_client, offload, {}};
  ProjectDirectory projects{*accounts, {}};
  SessionVerifier sessions{key_sets};
  std::unique_ptr<redis::Client> redis = ConnectRedis(io, config.redis);
  RateLimiter limiter{redis.get(), metrics};
  LinkHandlers links{*accounts, *vault, config.public_url, config.default_project};
  AdministrationHandlers administration{*administration_client, config.public_url};
  CallHandlers calls{*accounts, *call_links};
  NoteHandlers notes{*accounts};
  MeetingHandlers meetings{*zoom};
  ZoomHandler zoom_requests{*zoom};
  WebhookHandler webhooks{*automation};
  WebhookEndpointHandlers webhook_endpoints{*webhook_endpoint_client};
  WebhookInboxHandlers webhook_inbox{*inbox};
  ApiKeyHandlers api_keys{*api_key_client};
  ConnectSessionHandler connect_session{*connections, links};
  NangoHandlers nango{{*connections, *accounts, zoom_requests, config.public_url}};
  ConnectHandlers connect{
      {projects, sessions, *vault, installs, config.default_project, config.common.development()}};
  CallbackHandler callback{{projects, sessions, *accounts, *vault, installs, config.default_project,
                            config.public_origin}};
  ParagonInstallHandlers paragon_installs{{sessions, *accounts, *vault, installs, config.public_url,
                                           config.public_origin, config.default_project}};
  ParagonRequestHandler paragon_requests{*accounts, zoom_requests};
  ParagonUserHandlers paragon_users{*accounts, *vault};
  std::optional<DevelopmentIssuer> issuer;
  std::optional<DevelopmentHandlers> development;
  std::optional<StaticFiles> files;
  std::unique_ptr<TlsContext> tls;
  std::optional<Pipeline> pipeline;
  std::unique_ptr<Listener> listener;
  std::vector<std::thread> threads;
};

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gateway::~Gateway() = default;

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(Config config, Logger& log,
                                                        Metrics& metrics) {
  SHODAN_ASSIGN_OR_RETURN(auto key, jwt::SigningKey::FromPem(config.assertion_private_key));
  auto impl = std::make_unique<Impl>(std::move(config), std::move(key), log, metrics);
  SHODAN_RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<Gateway>(new Gateway(std::move(impl)));
}

int Gateway::port() const { return impl_->listener->port(); }

size_t Gateway::connections() const { return impl_->listener->connections(); }

// zoom-api and automation are not asked: connecting and calling do without them.
std::string Gateway::WhyNotReady() const {
  Impl& impl = *impl_;
  if (!WasReached(*impl.account_link_channel, impl.account_link_reached)) {
    return "account-link was not reached yet";
  }
  if (!WasReached(*impl.vault_channel, impl.vault_reached)) {
    return "token-vault was not reached yet";
  }
  if (!WasReached(*impl.call_link_channel, impl.call_link_reached)) {
    return "call-link was not reached yet";
  }
  return {};
}

void Gateway::Drain() { impl_->listener->Drain(); }

}  // namespace shodan::gateway
