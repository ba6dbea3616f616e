// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "libs/base/status.h"
#include "libs/concurrency/worker_pool.h"
#include "libs/observability/log.h"
#include "libs/observability/metrics.h"
#include "services/zoom-api/domain/errors.h"
#include "services/zoom-api/domain/intent_store.h"
#include "services/zoom-api/sending/zoom_sender.h"

namespace shodan::zoomapi::testing {

using boost::asio::awaitable;

/// What happens to one request at Zoom.
struct Exchanged {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::string> chunks;
  absl::Status error;              ///< instead of an answer, or after the chunks
  bool may_have_been_sent = true;  ///< when there is no answer
  bool refuses_body = false;       ///< takes no more than the first chunk
  std::function<void()> on_head;   ///< called when the answer is awaited
};

/// One request as Zoom saw it.
struct SeenRequest {
  std::string method;
  std::string url;
  std::map<std::string, std::string> headers;
  std::optional<int64_t> content_length;
  bool fresh_connection = false;
  std::chrono::milliseconds timeout{0};
  std::string body;
  bool complete = false;
  bool cancelled = false;
};

/// Zoom from a script, one entry a request; without one left every request succeeds.
class ScriptedZoom final : public HttpsStreamClient {
 public:
  std::unique_ptr<HttpsStream> Start(HttpsStreamRequest request) override {
    Exchanged next;
    if (!script.empty()) {
      next = std::move(script.front());
      script.pop_front();
    }
    auto& seen = requests.emplace_back();
    seen.method = request.method;
    seen.url = request.url;
    for (const auto& [name, value] : request.headers) {
      seen.headers[name] = std::string(value.Expose(SecretAccess::ForTest()));
    }
    seen.content_length = request.content_length;
    seen.fresh_connection = request.fresh_connection;
    seen.timeout = request.timeout;
    return std::make_unique<Stream>(std::move(next), seen);
  }

  std::deque<Exchanged> script;
  std::deque<SeenRequest> requests;

 private:
  class Stream final : public HttpsStream {
   public:
    Stream(Exchanged exchanged, SeenRequest& seen)
        : exchanged_(std::move(exchanged)), seen_(seen) {}

    awaitable<absl::Status> Write(std::string chunk) override {
      if (exchanged_.refuses_body && !seen_.body.empty()) {
        co_return Unavailable("HTTPS_TRUNCATED", "The server takes no more.");
      }
      seen_.body += chunk;
      co_return absl::OkStatus();
    }
    awaitable<absl::Status> FinishWriting() override {
      seen_.complete = true;
      co_return absl::OkStatus();
    }
    awaitable<absl::StatusOr<HttpsStreamHead>> ReadHead() override {
      if (exchanged_.on_head) exchanged_.on_head();
      if (cancelled_) co_return MakeError(absl::StatusCode::kCancelled, "HTTPS_CANCELLED", "");
      if (!exchanged_.error.ok() && exchanged_.chunks.empty()) co_return exchanged_.error;
      HttpsStreamHead head;
      head.status = exchanged_.status;
      head.headers = exchanged_.headers;
      co_return head;
    }
    awaitable<absl::StatusOr<std::string>> Read() override {
      if (next_ == exchanged_.chunks.size()) {
        if (!exchanged_.error.ok()) co_return exchanged_.error;
        co_return std::string();
      }
      co_return exchanged_.chunks[next_++];
    }
    bool may_have_been_sent() const override { return exchanged_.may_have_been_sent; }
    void Cancel() override {
      cancelled_ = true;
      seen_.cancelled = true;
    }

   private:
    const Exchanged exchanged_;
    SeenRequest& seen_;
    size_t next_ = 0;
    bool cancelled_ = false;
  };
};

/// Tokens "token-1", "token-2" …: a rejected version brings the next.
class CountingTokens final : public TokenSource {
 public:
  awaitable<absl::StatusOr<AccessToken>> Get(Requester requester, int64_t rejected_version,
                                             Deadline /*deadline*/) override {
    asked.push_back(rejected_version);
    if (!refusal.ok()) co_return refusal;
    if (rejected_version == version) ++version;
    AccessToken token;
    token.token = Secret("token-" + std::to_string(version));
    token.version = version;
    token.api_base_url = base_url;
    token.account_tag = "tag of " + requester.project_id;
    token.scopes = scopes;
    co_return token;
  }

  std::vector<int64_t> asked;
  absl::Status refusal;
  int64_t version = 1;
  std::string base_url = "https://api.zoom.example/v2";
  std::vector<std::string> scopes;
};

/// Grants every slot, or none.
class OpenBudget final : public RateBudget {
 public:
  awaitable<absl::StatusOr<HeldSlot>> Take(BudgetKey key, Deadline /*deadline*/) override {
    taken.push_back(std::move(key));
    if (!refusal.ok()) co_return refusal;
    ++held;
    co_return HeldSlot([this] { --held; });
  }
  void Pause(const BudgetKey& /*key*/, std::chrono::milliseconds pause) override {
    pauses.push_back(pause);
  }

  absl::Status refusal;
  int held = 0;  ///< slots whose requests have no answer yet
  std::vector<BudgetKey> taken;
  std::vector<std::chrono::milliseconds> pauses;
};

/// Intents in memory, by request digest.
class InMemoryIntents final : public IntentStore {
 public:
  absl::StatusOr<std::optional<EarlierIntent>> Begin(const Intent& intent,
                                                     Deadline /*deadline*/) override {
    const std::lock_guard lock(mutex_);
    if (!failure.ok()) return failure;
    const auto found = rows.find(intent.request_digest);
    if (found != rows.end() && !(found->second.state == IntentState::kNotSent &&
                                 found->second.head_fingerprint == intent.head_fingerprint)) {
      return found->second;
    }
    EarlierIntent& row = rows[intent.request_digest];
    row = EarlierIntent();
    row.head_fingerprint = intent.head_fingerprint;
    row.body_fingerprint = intent.body_fingerprint;
    begun.push_back(intent);
    return std::nullopt;
  }
  absl::Status End(const Intent& intent, const IntentEnding& ending,
                   Deadline /*deadline*/) override {
    const std::lock_guard lock(mutex_);
    if (!end_failure.ok()) return end_failure;
    EarlierIntent& row = rows[intent.request_digest];
    row.state = ending.state;
    row.zoom_status = ending.zoom_status;
    if (!ending.body_fingerprint.empty()) row.body_fingerprint = ending.body_fingerprint;
    endings.push_back(ending);
    return absl::OkStatus();
  }
  absl::StatusOr<int> EndLost(int /*limit*/, Deadline /*deadline*/) override { return 0; }
  absl::StatusOr<int> RemoveOld(int /*limit*/, Deadline /*deadline*/) override { return 0; }

  absl::Status failure;
  absl::Status end_failure;
  std::map<std::string, EarlierIntent> rows;
  std::vector<Intent> begun;
  std::vector<IntentEnding> endings;

 private:
  std::mutex mutex_;
};

/// A body in chunks that may break off.
class ChunkSource final : public BodySource {
 public:
  explicit ChunkSource(std::vector<std::string> chunks, absl::Status end = absl::OkStatus())
      : chunks_(std::move(chunks)), end_(std::move(end)) {}

  awaitable<absl::StatusOr<std::string>> Next() override {
    if (next_ < chunks_.size()) co_return chunks_[next_++];
    if (!end_.ok()) co_return end_;
    co_return std::string();
  }
  size_t taken() const { return next_; }

 private:
  const std::vector<std::string> chunks_;
  const absl::Status end_;
  size_t next_ = 0;
};

/// Keeps the answer; leaves after some chunks when told to.
class RecordingSink final : public AnswerSink {
 public:
  awaitable<absl::Status> Head(AnswerHead answer) override {
    head = std::move(answer);
    ++heads;
    if (on_head) on_head();
    if (chunks_until_left == 0) co_return CallCancelled();
    co_return absl::OkStatus();
  }
  awaitable<absl::Status> Chunk(std::string bytes) override {
    body += bytes;
    ++chunks;
    if (chunks == chunks_until_left) co_return CallCancelled();
    co_return absl::OkStatus();
  }

  AnswerHead head;
  std::function<void()> on_head;
  int heads = 0;
  std::string body;
  int chunks = 0;
  int chunks_until_left = -1;
};

/// A sender with everything around it from scripts.
struct SenderWorld {
  explicit SenderWorld(SenderSettings with = {}) : settings(std::move(with)) {
    settings.life.first_pause = std::chrono::milliseconds(1);
  }

  absl::Status Send(ApiRequest request, BodySource& body, AnswerSink& answer,
                    std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    if (sender == nullptr) {
      sender = std::make_unique<ZoomSender>(zoom, tokens, budget, book, settings, log, metrics);
    }
    boost::asio::io_context io;
    auto sent = boost::asio::co_spawn(
        io, sender->Send(std::move(request), body, answer, Deadline::After(limit)),
        boost::asio::use_future);
    io.run();
    return sent.get();
  }
  absl::Status Send(const ApiRequest& request, const std::string& text = "") {
    ChunkSource body(text.empty() ? std::vector<std::string>() : std::vector<std::string>{text});
    return Send(request, body, sink);
  }

  SenderSettings settings;
  Logger log{"zoom-api", LogLevel::kError};
  Metrics metrics;
  WorkerPool workers{2, 16};
  ScriptedZoom zoom;
  CountingTokens tokens;
  OpenBudget budget;
  InMemoryIntents intents;
  IntentBook book{intents, workers};
  RecordingSink sink;
  std::unique_ptr<ZoomSender> sender;
};

inline ApiRequest Get(const std::string& path) {
  ApiRequest request;
  request.requester = {"demo", "aiko", "user:aiko", "spiffe://test/ns/shodan/sa/gateway", "call-1"};
  request.target = *RequestTarget::Parse(path, "");
  return request;
}

inline ApiRequest Post(const std::string& path, int64_t length,
                       const std::string& request_id = "6fa459ea-ee8a-4ca4-894e-db77e160355e") {
  ApiRequest request = Get(path);
  request.method = Method::kPost;
  request.request_id = request_id;
  request.content_length = length;
  request.content_type = length > 0 ? "application/json" : "";
  return request;
}

}  // namespace shodan::zoomapi::testing
