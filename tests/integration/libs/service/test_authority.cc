// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/libs/service/test_authority.h"

#include <stdexcept>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "libs/base/strings.h"

namespace shodan::testing {
namespace {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Free<X509_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using BioPtr = std::unique_ptr<BIO, Free<BIO_free_all>>;

constexpr long kClockSkewSeconds = 60;
constexpr long kLifetimeSeconds = 3600;
constexpr long kVersion3 = 2;

void Require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL could not make a test certificate");
}

KeyPtr NewKey() {
  KeyPtr key(EVP_EC_gen("P-256"));
  Require(key != nullptr);
  return key;
}

std::string Pem(auto&& write) {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  Require(memory != nullptr && write(memory.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<size_t>(size)};
}

void AddExtension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  Require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

CertificatePtr NewCertificate(std::string_view name, EVP_PKEY* key) {
  CertificatePtr certificate(X509_new());
  Require(certificate != nullptr);
  uint64_t serial = 0;
  Require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  Require(X509_set_version(certificate.get(), kVersion3) == 1);
  Require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1) == 1);
  Require(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kClockSkewSeconds) != nullptr);
  Require(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kLifetimeSeconds) != nullptr);
  const std::string text(name);
  Require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1,
                                     0) == 1);
  Require(X509_set_pubkey(certificate.get(), key) == 1);
  return certificate;
}

}  // namespace

struct TestAuthority::Impl {
  KeyPtr key = NewKey();
  CertificatePtr certificate = NewCertificate("Test authority", key.get());
};

TestAuthority::TestAuthority() : impl_(std::make_unique<Impl>()) {
  X509* const certificate = impl_->certificate.get();
  Require(X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) == 1);
  AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign");
  AddExtension(certificate, certificate, NID_subject_key_identifier, "hash");
  Require(X509_sign(certificate, impl_->key.get(), EVP_sha256()) > 0);
  directory_.Write("ca.pem", Pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); }));
}

TestAuthority::~TestAuthority() = default;

rpc::TlsFiles TestAuthority::Issue(std::string_view service) const {
  const std::string name = service.empty() ? "nobody" : std::string(service);
  const KeyPtr key = NewKey();
  const CertificatePtr certificate = NewCertificate(name, key.get());
  X509* const issuer = impl_->certificate.get();
  Require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) == 1);
  std::string names = Join("DNS:", name, ",DNS:localhost,IP:127.0.0.1");
  if (!service.empty()) names += Join(",URI:spiffe://shodan.local/ns/shodan/sa/", service);
  AddExtension(certificate.get(), issuer, NID_subject_alt_name, names);
  AddExtension(certificate.get(), issuer, NID_ext_key_usage, "serverAuth,clientAuth");
  AddExtension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
  Require(X509_sign(certificate.get(), impl_->key.get(), EVP_sha256()) > 0);
  return {.certificate_file = directory_.Write(name + ".pem", Pem([&](BIO* out) {
                                                 return PEM_write_bio_X509(out, certificate.get());
                                               })),
          .private_key_file = directory_.Write(name + ".key", Pem([&](BIO* out) {
                                                 return PEM_write_bio_PKCS8PrivateKey(
                                                     out, key.get(), nullptr, nullptr, 0, nullptr,
                                                     nullptr);
                                               })),
          .ca_file = (directory_.path() / "ca.pem").string()};
}

std::shared_ptr<grpc::Channel> TestAuthority::Connect(int port, std::string_view service) const {
  return grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                             rpc::ClientCredentials(Issue(service)));
}

std::string TestAuthority::AssertionKeysFile() const {
  return directory_.Write(
      "assertion-keys.json",
      R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"test","alg":"EdDSA","use":"sig",)"
      R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})");
}

}  // namespace shodan::testing
