// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_certificates.h"

#include <catch2/catch.hpp>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace shodan::testing {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

std::string TextOf(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);  // NOLINT(google-runtime-int)
  return {data, static_cast<size_t>(size)};
}

std::string PemOf(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  REQUIRE(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return TextOf(bio);
}

std::string PemOf(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  REQUIRE(PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) ==
          1);
  return TextOf(bio);
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  REQUIRE(extension != nullptr);
  REQUIRE(X509_add_ext(certificate, extension.get(), -1) == 1);
}

Certificate NewCertificate(const std::string& name, EVP_PKEY* key, std::chrono::seconds not_before,
                           std::chrono::seconds not_after) {
  Certificate certificate(X509_new());
  REQUIRE(X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  uint64_t serial = 0;
  REQUIRE(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1);
  REQUIRE(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1U) == 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), not_before.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), not_after.count());
  REQUIRE(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                                     0) == 1);
  REQUIRE(X509_set_pubkey(certificate.get(), key) == 1);
  return certificate;
}

std::string AlternativeNames(const CertificateContent& content) {
  std::string names;
  const auto add = [&](const std::string& kind, const std::string& name) {
    names += (names.empty() ? "" : ",") + kind + ":" + name;
  };
  for (const std::string& name : content.dns_names) add("DNS", name);
  for (const std::string& uri : content.uris) add("URI", uri);
  return names;
}

}  // namespace

struct TestAuthority::Impl {
  Key key;
  Certificate certificate;
  std::string pem;
};

TestAuthority::TestAuthority(const std::string& name) : impl_(std::make_unique<Impl>()) {
  constexpr std::chrono::hours kLife{24};
  impl_->key.reset(EVP_EC_gen("P-256"));
  impl_->certificate = NewCertificate(name, impl_->key.get(), -kLife, kLife);
  X509* const self = impl_->certificate.get();
  REQUIRE(X509_set_issuer_name(self, X509_get_subject_name(self)) == 1);
  AddExtension(self, self, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(self, self, NID_subject_key_identifier, "hash");
  REQUIRE(X509_sign(self, impl_->key.get(), EVP_sha256()) > 0);
  impl_->pem = PemOf(self);
}

TestAuthority::~TestAuthority() = default;

const std::string& TestAuthority::certificate() const { return impl_->pem; }

TestCertificate TestAuthority::Issue(const CertificateContent& content) const {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate =
      NewCertificate("test", key.get(), content.not_before, content.not_after);
  X509* const issued = certificate.get();
  X509* const issuer = impl_->certificate.get();
  REQUIRE(X509_set_issuer_name(issued, X509_get_subject_name(issuer)) == 1);
  AddExtension(issued, issuer, NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(issued, issuer, NID_key_usage, "critical,digitalSignature");
  AddExtension(issued, issuer, NID_ext_key_usage, "serverAuth,clientAuth");
  const std::string names = AlternativeNames(content);
  if (!names.empty()) AddExtension(issued, issuer, NID_subject_alt_name, names);
  REQUIRE(X509_sign(issued, impl_->key.get(), EVP_sha256()) > 0);
  return {PemOf(issued), PemOf(key.get())};
}

}  // namespace shodan::testing
