// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/aes_gcm.h"

#include <cstdlib>
#include <memory>

#include <openssl/evp.h>

#include "libs/base/status.h"

namespace shodan {
namespace {

constexpr size_t kTagSize = 16;
constexpr size_t kNonceSize = 12;
constexpr size_t kKeySize = 32;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const EVP_CIPHER* Method() {
  static const EVP_CIPHER* const method = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return method;
}

const unsigned char* Bytes(std::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}
unsigned char* Bytes(std::string& data) { return reinterpret_cast<unsigned char*>(data.data()); }

void Require(bool condition) {
  if (!condition) std::abort();
}

absl::Status Corrupt() {
  return MakeError(absl::StatusCode::kDataLoss, "SEALED_FIELD_CORRUPT",
                   "A sealed field could not be authenticated.");
}

}  // namespace

std::string AesGcmEncrypt(const Secret& key, std::string_view nonce,
                          std::string_view associated_data, std::string_view plaintext) {
  Require(key.size() == kKeySize && nonce.size() == kNonceSize);
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  std::string out(plaintext.size() + kTagSize, '\0');
  int size = 0;
  Require(context != nullptr &&
          EVP_EncryptInit_ex2(context.get(), Method(),
                              Bytes(key.Expose(SecretAccess::ForEncryption())), Bytes(nonce),
                              nullptr) == 1 &&
          EVP_EncryptUpdate(context.get(), nullptr, &size, Bytes(associated_data),
                            static_cast<int>(associated_data.size())) == 1 &&
          EVP_EncryptUpdate(context.get(), Bytes(out), &size, Bytes(plaintext),
                            static_cast<int>(plaintext.size())) == 1);
  int final_size = 0;
  Require(EVP_EncryptFinal_ex(context.get(), Bytes(out) + size, &final_size) == 1 &&
          EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize,
                              Bytes(out) + plaintext.size()) == 1);
  return out;
}

absl::StatusOr<Secret> AesGcmDecrypt(const Secret& key, std::string_view nonce,
                                     std::string_view associated_data,
                                     std::string_view ciphertext) {
  if (key.size() != kKeySize || nonce.size() != kNonceSize || ciphertext.size() < kTagSize) {
    return Corrupt();
  }
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  Require(context != nullptr);
  const std::string_view body = ciphertext.substr(0, ciphertext.size() - kTagSize);
  std::string tag(ciphertext.substr(body.size()));
  std::string out(body.size(), '\0');
  int size = 0;
  const bool ok =
      EVP_DecryptInit_ex2(context.get(), Method(), Bytes(key.Expose(SecretAccess::ForEncryption())),
                          Bytes(nonce), nullptr) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, Bytes(associated_data),
                        static_cast<int>(associated_data.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), Bytes(out), &size, Bytes(body),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), Bytes(out) + size, &size) == 1;
  if (!ok) {
    WipeString(out);
    return Corrupt();
  }
  return Secret::Take(std::move(out));
}

}  // namespace shodan
