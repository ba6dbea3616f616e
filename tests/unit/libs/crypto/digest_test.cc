// SPDX-License-Identifier: Apache-2.0
#include "libs/crypto/digest.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/encoding.h"
#include "tests/unit/libs/crypto/hex.h"

namespace shodan {
namespace {

using testing::Hex;

TEST_CASE("SHA-256 gives the examples of FIPS 180-4") {
  CHECK(HexEncode(Sha256("")) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(HexEncode(Sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(Sha256(Secret("abc")) == Sha256("abc"));
}

TEST_CASE("HMAC-SHA-256 gives the test cases of RFC 4231") {
  CHECK(HexEncode(HmacSha256(Secret(std::string(20, '\x0b')), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(HexEncode(HmacSha256(Secret("Jefe"), "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(HexEncode(HmacSha256(Secret(std::string(131, '\xaa')),
                             "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("HKDF-SHA-256 gives the test cases of RFC 5869") {
  const Secret key(std::string(22, '\x0b'));

  const Secret with_salt =
      HkdfSha256(key, Hex("000102030405060708090a0b0c"), Hex("f0f1f2f3f4f5f6f7f8f9"), 42);
  const Secret without = HkdfSha256(key, "", "", 42);

  CHECK(HexEncode(with_salt.Expose(SecretAccess::ForTest())) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  CHECK(HexEncode(without.Expose(SecretAccess::ForTest())) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST_CASE("The PKCE challenge is that of RFC 7636 appendix B") {
  CHECK(PkceChallenge(Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")) ==
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST_CASE("Constant-time comparison agrees with equality") {
  CHECK(ConstantTimeEquals("", ""));
  CHECK(ConstantTimeEquals("abc", "abc"));
  CHECK_FALSE(ConstantTimeEquals("abc", "abd"));
  CHECK_FALSE(ConstantTimeEquals("abc", "ab"));
}

TEST_CASE("Length prefixes keep lists of parts apart") {
  CHECK(LengthPrefixed({"ab", ""}) == std::string("\0\0\0\2ab\0\0\0\0", 10));
  CHECK(LengthPrefixed({"ab", "c"}) != LengthPrefixed({"a", "bc"}));
  CHECK(LengthPrefixed({"", ""}) != LengthPrefixed({""}));
}

}  // namespace
}  // namespace shodan
