// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/libs/https_client/tls_server.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <vector>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <unistd.h>

namespace shodan::testing {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

Bio BioOf(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free_all};
}

size_t BodySize(std::string_view head) {
  constexpr std::string_view kName = "Content-Length: ";
  const size_t at = head.find(kName);
  return at == std::string_view::npos ? 0 : std::stoul(std::string(head.substr(at + kName.size())));
}

}  // namespace

size_t TlsConnection::Read(char* data, size_t size) {
  const int read = SSL_read(ssl_, data, static_cast<int>(size));
  if (read <= 0) return 0;
  record_({data, static_cast<size_t>(read)});
  return static_cast<size_t>(read);
}

std::string TlsConnection::ReadRequest() {
  std::string request = ReadHead();
  if (!request.ends_with("\r\n\r\n")) return request;
  const size_t size = request.size() + BodySize(request);
  std::vector<char> buffer(64 << 10);
  while (request.size() < size) {
    const size_t read = Read(buffer.data(), std::min(buffer.size(), size - request.size()));
    if (read == 0) break;
    request.append(buffer.data(), read);
  }
  return request;
}

std::string TlsConnection::ReadHead() {
  std::string request;
  std::array<char, 1> byte;
  while (!request.ends_with("\r\n\r\n") && Read(byte.data(), byte.size()) > 0) {
    request.push_back(byte[0]);
  }
  return request;
}

bool TlsConnection::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const int size = SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
    if (size <= 0) return false;  // the client had enough
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return true;
}

void TlsConnection::AwaitClose() {
  std::array<char, 256> buffer;
  while (Read(buffer.data(), buffer.size()) > 0) {
  }
}

void TlsConnection::Reset() {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
  orderly_ = false;
}

TlsServer::TlsServer(const TestCertificate& certificate, Serve serve, int tls_version_max)
    : serve_(std::move(serve)),
      context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  // A client that left must not end the test program.
  std::signal(SIGPIPE, SIG_IGN);
  SSL_CTX_set_max_proto_version(context_.get(), tls_version_max);
  // Old versions of TLS are only offered by a security level below today's.
  if (tls_version_max < TLS1_2_VERSION) SSL_CTX_set_security_level(context_.get(), 0);
  const Bio certificate_bio = BioOf(certificate.certificate);
  const Bio key_bio = BioOf(certificate.private_key);
  X509* x509 = PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr);
  REQUIRE(SSL_CTX_use_certificate(context_.get(), x509) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(context_.get(), key) == 1);
  X509_free(x509);
  EVP_PKEY_free(key);

  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(listen(listener_, 256) == 0);
  REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

TlsServer::~TlsServer() {
  Stop();
  close(listener_);
}

std::string TlsServer::Url(std::string_view path) const {
  return "https://localhost:" + std::to_string(port_) + std::string(path);
}

std::string TlsServer::Stop() {
  shutdown(listener_, SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
  const std::scoped_lock lock(mutex_);
  return received_;
}

int TlsServer::connections() {
  const std::scoped_lock lock(mutex_);
  return connections_;
}

void TlsServer::Run() {
  std::vector<std::thread> served;
  while (true) {
    const int accepted = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) break;
    {
      const std::scoped_lock lock(mutex_);
      ++connections_;
    }
    served.emplace_back([this, accepted] {
      Handle(accepted);
      close(accepted);
    });
  }
  for (std::thread& thread : served) thread.join();
}

void TlsServer::Handle(int socket) {
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.get()), &SSL_free);
  SSL_set_fd(ssl.get(), socket);
  if (SSL_accept(ssl.get()) != 1) return;
  TlsConnection connection(ssl.get(), socket, [this](std::string_view bytes) {
    const std::scoped_lock lock(mutex_);
    received_.append(bytes);
  });
  serve_(connection);
  if (connection.orderly()) SSL_shutdown(ssl.get());
}

}  // namespace shodan::testing
