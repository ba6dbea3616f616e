// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/services/gateway/tls_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace shodan::gateway {
namespace {

constexpr int kTimeLimitSeconds = 20;

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

}  // namespace

std::string RawResponse::Field(const std::string& name) const {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return {};
}

std::optional<std::string> RawResponse::Cookie(const std::string& name) const {
  for (const auto& [key, value] : fields) {
    if (key == "set-cookie" && value.rfind(name + "=", 0) == 0) {
      return value.substr(name.size() + 1, value.find(';') - name.size() - 1);
    }
  }
  return std::nullopt;
}

struct TlsClient::Impl {
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
  int fd = -1;
  bool connected = false;
  std::string buffer;

  ~Impl() {
    SSL_free(ssl);
    SSL_CTX_free(context);
    if (fd >= 0) close(fd);
  }

  // False when the connection ended before the last chunk.
  bool ReadChunks(std::string& body) {
    while (true) {
      size_t line = 0;
      while ((line = buffer.find("\r\n")) == std::string::npos) {
        if (ReadMore() <= 0) return false;
      }
      const size_t size = std::strtoull(buffer.c_str(), nullptr, 16);
      while (buffer.size() < line + 2 + size + 2) {
        if (ReadMore() <= 0) return false;
      }
      body.append(buffer, line + 2, size);
      buffer.erase(0, line + 2 + size + 2);
      if (size == 0) return true;
    }
  }

  // Bytes read; 0 at an orderly end, -1 otherwise.
  int ReadMore() {
    std::array<char, 16384> bytes{};
    ERR_clear_error();
    errno = 0;
    const int size = SSL_read(ssl, bytes.data(), static_cast<int>(bytes.size()));
    if (size > 0) {
      buffer.append(bytes.data(), static_cast<size_t>(size));
      return size;
    }
    const int error = SSL_get_error(ssl, size);
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    // A FIN without TLS goodbye is an orderly end for this purpose; a reset or a time-out is not.
    const bool fin = (error == SSL_ERROR_SYSCALL && errno == 0) ||
                     ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    return fin ? 0 : -1;
  }
};

TlsClient::TlsClient(int port, const std::string& ca_file, int max_version)
    : impl_(std::make_unique<Impl>()) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that hangs up is part of these tests
  impl_->context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_load_verify_locations(impl_->context, ca_file.c_str(), nullptr);
  SSL_CTX_set_verify(impl_->context, SSL_VERIFY_PEER, nullptr);
  if (max_version != 0) {
    SSL_CTX_set_min_proto_version(impl_->context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(impl_->context, max_version);
    SSL_CTX_set_security_level(impl_->context, 0);
  }
  static constexpr unsigned char kProtocols[] = {2,   'h', '2', 8,   'h', 't',
                                                 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(impl_->context, kProtocols, sizeof kProtocols);
  impl_->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{kTimeLimitSeconds, 0};
  setsockopt(impl_->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(impl_->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(impl_->fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
  impl_->ssl = SSL_new(impl_->context);
  SSL_set_fd(impl_->ssl, impl_->fd);
  SSL_set_tlsext_host_name(impl_->ssl, "localhost");
  SSL_set1_host(impl_->ssl, "localhost");
  impl_->connected = SSL_connect(impl_->ssl) == 1;
}

TlsClient::~TlsClient() = default;

bool TlsClient::connected() const { return impl_->connected; }

std::string TlsClient::protocol() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(impl_->ssl, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string TlsClient::tls_version() const { return SSL_get_version(impl_->ssl); }

bool TlsClient::Send(const std::string& bytes) {
  size_t sent = 0;
  while (impl_->connected && sent < bytes.size()) {
    const int size =
        SSL_write(impl_->ssl, bytes.data() + sent, static_cast<int>(bytes.size() - sent));
    if (size <= 0) return false;
    sent += static_cast<size_t>(size);
  }
  return impl_->connected;
}

std::optional<RawResponse> TlsClient::Receive(bool head_only) {
  if (!impl_->connected) return std::nullopt;
  size_t end = 0;
  while ((end = impl_->buffer.find("\r\n\r\n")) == std::string::npos) {
    if (impl_->ReadMore() <= 0) return std::nullopt;
  }
  RawResponse response;
  response.status = std::atoi(impl_->buffer.c_str() + 9);
  size_t line = impl_->buffer.find("\r\n") + 2;
  while (line < end + 2) {
    const size_t next = impl_->buffer.find("\r\n", line);
    const std::string text = impl_->buffer.substr(line, next - line);
    const size_t colon = text.find(": ");
    response.fields.emplace_back(Lower(text.substr(0, colon)),
                                 colon == std::string::npos ? "" : text.substr(colon + 2));
    line = next + 2;
  }
  impl_->buffer.erase(0, end + 4);
  if (!head_only && response.Field("transfer-encoding") == "chunked") {
    if (!impl_->ReadChunks(response.body)) return std::nullopt;
    return response;
  }
  const size_t length =
      head_only ? 0 : static_cast<size_t>(std::atoll(response.Field("content-length").c_str()));
  while (impl_->buffer.size() < length) {
    if (impl_->ReadMore() <= 0) return std::nullopt;
  }
  response.body = impl_->buffer.substr(0, length);
  impl_->buffer.erase(0, length);
  return response;
}

bool TlsClient::ReceivesHead() {
  while (impl_->buffer.find("\r\n\r\n") == std::string::npos) {
    if (!impl_->connected || impl_->ReadMore() <= 0) return false;
  }
  return true;
}

bool TlsClient::ReadsEnd() {
  if (!impl_->connected) return false;
  while (true) {
    const int size = impl_->ReadMore();
    if (size <= 0) return size == 0;
  }
}

}  // namespace shodan::gateway
