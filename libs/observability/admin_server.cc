// SPDX-License-Identifier: Apache-2.0
#include "libs/observability/admin_server.h"

#include <charconv>
#include <chrono>
#include <future>
#include <optional>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <civetweb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libs/base/status.h"
#include "libs/base/strings.h"

namespace shodan {
namespace {

constexpr std::string_view kPlainText = "text/plain; charset=utf-8";
constexpr std::string_view kExposition = "text/plain; version=0.0.4; charset=utf-8";

struct Answer {
  int status;
  std::string_view reason;
  std::string_view content_type;
  std::string body;
};

void Send(mg_connection* connection, const Answer& answer, bool head_only) {
  const std::string text = Join("HTTP/1.1 ", std::to_string(answer.status), " ", answer.reason,
                                "\r\nContent-Type: ", answer.content_type,
                                "\r\nContent-Length: ", std::to_string(answer.body.size()),
                                "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
                                head_only ? std::string_view() : std::string_view(answer.body));
  mg_write(connection, text.data(), text.size());
}

// "address:port". CivetWeb would also take lists, names and suffixes for TLS and redirects, which
// have no place here.
std::optional<sockaddr_in> ParseListen(const std::string& listen) {
  const size_t colon = listen.find(':');
  if (colon == std::string::npos) return std::nullopt;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (inet_pton(AF_INET, listen.substr(0, colon).c_str(), &address.sin_addr) != 1) {
    return std::nullopt;
  }
  uint16_t port = 0;
  const char* const end = listen.data() + listen.size();
  const auto [rest, error] = std::from_chars(listen.data() + colon + 1, end, port);
  if (error != std::errc() || rest != end) return std::nullopt;
  address.sin_port = htons(port);
  return address;
}

// Connects and hangs up.
void Poke(const sockaddr_in& address) {
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (client < 0) return;
  [[maybe_unused]] const int ignored =
      connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  close(client);
}

}  // namespace

struct AdminServer::Impl {
  Impl(const Metrics& process_metrics, std::function<std::string()> readiness)
      : metrics(process_metrics), ready(std::move(readiness)) {}
  ~Impl() { Stop(); }

  // CivetWeb looks at its stop flag only every two seconds unless a connection arrives.
  void Stop() {
    if (context == nullptr) return;
    const std::future<void> stopped = std::async(std::launch::async, [this] { mg_stop(context); });
    while (stopped.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready) {
      Poke(address);
    }
  }

  Answer Answer404() const { return {404, "Not Found", kPlainText, "not found\n"}; }

  Answer Handle(std::string_view method, std::string_view path) const {
    if (method != "GET") return Answer404();
    if (path == "/healthz") return {200, "OK", kPlainText, "ok\n"};
    if (path == "/metrics") return {200, "OK", kExposition, metrics.Render()};
    if (path != "/readyz") return Answer404();
    const std::string why_not = ready();
    if (why_not.empty()) return {200, "OK", kPlainText, "ready\n"};
    return {503, "Service Unavailable", kPlainText, why_not + "\n"};
  }

  // Takes every request before CivetWeb looks for files, scripts or proxies.
  static int BeginRequest(mg_connection* connection) {
    const mg_request_info* request = mg_get_request_info(connection);
    const auto* impl = static_cast<const Impl*>(request->user_data);
    const std::string_view method = request->request_method;
    const char* const path = request->local_uri;
    const Answer answer = impl->Handle(method, path == nullptr ? "" : path);
    Send(connection, answer, method == "HEAD");
    return answer.status;
  }

  const Metrics& metrics;
  const std::function<std::string()> ready;
  mg_context* context = nullptr;
  sockaddr_in address{};  // the bound one
};

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminServer::~AdminServer() = default;

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(
    const std::string& listen, const Metrics& metrics, std::function<std::string()> ready) {
  const std::optional<sockaddr_in> address = ParseListen(listen);
  if (!address.has_value()) {
    return InvalidArgument("ADMIN_LISTEN_INVALID",
                           Join("The admin server cannot listen on '", listen,
                                "': it must be \"address:port\" with an IPv4 address."));
  }
  auto impl = std::make_unique<Impl>(metrics, std::move(ready));
  const char* options[] = {"listening_ports",
                           listen.c_str(),
                           "num_threads",
                           "4",
                           "request_timeout_ms",
                           "5000",
                           "enable_keep_alive",
                           "no",
                           "max_request_size",
                           "8192",
                           nullptr};
  mg_callbacks callbacks{};
  callbacks.begin_request = &Impl::BeginRequest;
  callbacks.log_message = [](const mg_connection*, const char*) { return 1; };
  mg_init_data init{&callbacks, impl.get(), options};
  char reason[256] = "";
  mg_error_data error{};
  error.text = reason;
  error.text_buffer_size = sizeof(reason);
  impl->context = mg_start2(&init, &error);
  if (impl->context == nullptr) {
    return Unavailable("ADMIN_LISTEN_FAILED", Join("The admin server cannot listen on ", listen,
                                                   ": ", static_cast<const char*>(reason)));
  }
  mg_server_port bound{};
  if (mg_get_server_ports(impl->context, 1, &bound) < 1) {
    return Internal("ADMIN_LISTEN_FAILED", "The admin server does not know its port.");
  }
  impl->address = *address;
  impl->address.sin_port = htons(static_cast<uint16_t>(bound.port));
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

int AdminServer::port() const { return ntohs(impl_->address.sin_port); }

}  // namespace shodan
