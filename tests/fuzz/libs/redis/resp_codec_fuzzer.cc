// SPDX-License-Identifier: Apache-2.0
// Bytes as from a broken Redis: whole and cut in two they must decode alike.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "libs/redis/resp_codec.h"

namespace {

// Complete replies before more bytes are needed or the bytes are refused.
int Count(shodan::redis::Decoder& decoder, bool& refused) {
  int count = 0;
  while (true) {
    const auto reply = decoder.Next();
    refused = !reply.ok();
    if (refused || !reply->has_value()) return count;
    ++count;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  shodan::redis::Decoder whole;
  bool whole_refused = !whole.Feed(bytes).ok();
  const int in_one = whole_refused ? 0 : Count(whole, whole_refused);
  shodan::redis::Decoder halves;
  bool refused = !halves.Feed(bytes.substr(0, size / 2)).ok();
  int in_two = refused ? 0 : Count(halves, refused);
  if (!refused) {
    refused = !halves.Feed(bytes.substr(size / 2)).ok();
    if (!refused) in_two += Count(halves, refused);
  }
  if (size < 100'000 && (in_one != in_two || whole_refused != refused)) std::abort();
  return 0;
}
