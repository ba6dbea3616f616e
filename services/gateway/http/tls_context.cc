// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http/tls_context.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include <openssl/ssl.h>

#include "libs/base/status.h"

namespace shodan::gateway {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// RFC 7301: without agreement the connection goes on, as a client without ALPN speaks HTTP/1.1.
int SelectProtocol(SSL*, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_size, kHttp11, sizeof kHttp11, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

std::filesystem::file_time_type ModifiedTime(const std::string& path) {
  std::error_code error;
  const auto time = std::filesystem::last_write_time(path, error);
  return error ? std::filesystem::file_time_type::min() : time;
}

absl::StatusOr<std::shared_ptr<ssl::context>> Build(const std::string& certificate_file,
                                                    const std::string& private_key_file) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(
      native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_alpn_select_cb(native, SelectProtocol, nullptr);
  error_code error;
  context->use_certificate_chain_file(certificate_file, error);
  if (!error) context->use_private_key_file(private_key_file, ssl::context::pem, error);
  if (error || SSL_CTX_check_private_key(native) != 1) {
    return InvalidArgument("CERTIFICATE_INVALID",
                           "The HTTPS certificate and key cannot be read or do not fit together.");
  }
  return context;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::Load(std::string certificate_file,
                                                             std::string private_key_file) {
  std::unique_ptr<TlsContext> tls(
      new TlsContext(std::move(certificate_file), std::move(private_key_file)));
  SHODAN_RETURN_IF_ERROR(tls->ReloadIfChanged());
  return tls;
}

std::shared_ptr<ssl::context> TlsContext::Current() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

absl::Status TlsContext::ReloadIfChanged() {
  const auto certificate_time = ModifiedTime(certificate_file_);
  const auto private_key_time = ModifiedTime(private_key_file_);
  {
    const std::lock_guard lock(mutex_);
    if (context_ != nullptr && certificate_time == certificate_time_ &&
        private_key_time == private_key_time_) {
      return absl::OkStatus();
    }
  }
  SHODAN_ASSIGN_OR_RETURN(auto context, Build(certificate_file_, private_key_file_));
  const std::lock_guard lock(mutex_);
  context_ = std::move(context);
  certificate_time_ = certificate_time;
  private_key_time_ = private_key_time;
  return absl::OkStatus();
}

}  // namespace shodan::gateway
