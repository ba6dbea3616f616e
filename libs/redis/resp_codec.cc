// SPDX-License-Identifier: Apache-2.0
#include "libs/redis/resp_codec.h"

#include <cstdlib>

#include <hiredis.h>
#include <read.h>

#include "libs/base/status.h"

namespace shodan::redis {
namespace {

constexpr size_t kReplyBytesMax = size_t{1} << 20U;
constexpr int kElementsMax = 1024;

// hiredis builds replies through these, so that sizes are judged before memory is taken. A child
// lives inside its parent's vector; only the root is owned by the reader.
Reply* PlaceFor(const redisReadTask* task) {
  if (task->parent == nullptr) return new Reply;
  return &static_cast<Reply*>(task->parent->obj)->elements[static_cast<size_t>(task->idx)];
}

void* CreateString(const redisReadTask* task, char* data, size_t size) {
  Reply* reply = PlaceFor(task);
  reply->type = task->type == REDIS_REPLY_ERROR    ? Reply::Type::kError
                : task->type == REDIS_REPLY_STATUS ? Reply::Type::kStatus
                                                   : Reply::Type::kString;
  reply->text.assign(data, size);
  return reply;
}

void* CreateArray(const redisReadTask* task, int size) {
  if (size < 0 || size > kElementsMax) return nullptr;
  Reply* reply = PlaceFor(task);
  reply->type = Reply::Type::kArray;
  reply->elements.resize(static_cast<size_t>(size));
  return reply;
}

void* CreateInteger(const redisReadTask* task, long long value) {  // NOLINT(google-runtime-int)
  Reply* reply = PlaceFor(task);
  reply->type = Reply::Type::kInteger;
  reply->integer = value;
  return reply;
}

void* CreateNil(const redisReadTask* task) {
  Reply* reply = PlaceFor(task);
  reply->type = Reply::Type::kNil;
  return reply;
}

void FreeObject(void* object) { delete static_cast<Reply*>(object); }

redisReplyObjectFunctions g_functions = {CreateString, CreateArray, CreateInteger, CreateNil,
                                         FreeObject};

absl::Status ProtocolError() {
  return Internal("REDIS_PROTOCOL_ERROR", "Redis sent bytes that are not its protocol.");
}

}  // namespace

std::string EncodeCommand(const std::vector<std::string>& arguments) {
  std::vector<const char*> data;
  std::vector<size_t> sizes;
  for (const std::string& argument : arguments) {
    data.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  char* encoded = nullptr;
  const int size = redisFormatCommandArgv(&encoded, static_cast<int>(arguments.size()), data.data(),
                                          sizes.data());
  if (size < 0) return {};
  std::string command(encoded, static_cast<size_t>(size));
  redisFreeCommand(encoded);
  return command;
}

void Decoder::FreeReader::operator()(redisReader* reader) const noexcept {
  redisReaderFree(reader);
}

Decoder::Decoder() : reader_(redisReaderCreateWithFunctions(&g_functions)) {}
Decoder::~Decoder() = default;

absl::Status Decoder::Feed(std::string_view bytes) {
  bytes_since_reply_ += bytes.size();
  if (reader_ == nullptr || bytes_since_reply_ > kReplyBytesMax ||
      redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) {
    return ProtocolError();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Reply>> Decoder::Next() {
  void* object = nullptr;
  if (redisReaderGetReply(reader_.get(), &object) != REDIS_OK) return ProtocolError();
  if (object == nullptr) return std::optional<Reply>();
  const std::unique_ptr<Reply> reply(static_cast<Reply*>(object));
  bytes_since_reply_ = 0;
  return std::optional<Reply>(std::move(*reply));
}

}  // namespace shodan::redis
