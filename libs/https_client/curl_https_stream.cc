// SPDX-License-Identifier: Apache-2.0
#include "libs/https_client/curl_https_stream.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "libs/base/status.h"
#include "libs/concurrency/await_callback.h"
#include "libs/https_client/curl_request.h"
#include "libs/https_client/stream_transfer.h"

namespace shodan {
namespace {

using detail::StreamTransfer;

constexpr long kIdleConnectionsMax = 64;     // NOLINT(google-runtime-int): curl's type
constexpr long kIdleConnectionSeconds = 30;  // NOLINT(google-runtime-int): curl's type
constexpr std::chrono::milliseconds kPollMax{1'000};

absl::Status Cancelled() {
  return MakeError(absl::StatusCode::kCancelled, "HTTPS_CANCELLED", "The client is stopping.");
}

/// The transfers and the thread that moves them. Streams share it, so that they may wake it at any
/// time; after Stop() nothing listens.
class Loop {
 public:
  Loop() : multi_(curl_multi_init(), &curl_multi_cleanup) {
    curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kIdleConnectionsMax);
  }

  void Start() {
    // Signals are for the threads that await them.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { Run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  void Stop() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_.get());
    thread_.join();
  }

  /// A transfer that the loop does not know is begun. Never calls the transfer.
  void Attend(std::shared_ptr<StreamTransfer> transfer) {
    {
      const std::scoped_lock lock(mutex_);
      if (stopped_) return;
      attention_.push_back(std::move(transfer));
    }
    curl_multi_wakeup(multi_.get());
  }
  /// False after Stop().
  bool Begin(const std::shared_ptr<StreamTransfer>& transfer) {
    {
      const std::scoped_lock lock(mutex_);
      if (stopping_) return false;
      beginning_.push_back(transfer);
    }
    curl_multi_wakeup(multi_.get());
    return true;
  }

 private:
  using Transfers = std::vector<std::shared_ptr<StreamTransfer>>;

  void Run() {
    while (true) {
      Transfers beginning;
      Transfers attention;
      {
        const std::scoped_lock lock(mutex_);
        beginning.swap(beginning_);
        attention.swap(attention_);
        if (stopping_) stopped_ = true;
      }
      for (const auto& transfer : beginning) Add(transfer);
      if (stopped_) break;
      for (const auto& transfer : attention) {
        if (active_.contains(transfer.get())) transfer->Service();
      }
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      TakeEnded();
      const auto pause = EndOverdue();
      curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(pause.count()), nullptr);
    }
    while (!active_.empty()) Remove(active_.begin()->second)->End(Cancelled());
  }

  void Add(const std::shared_ptr<StreamTransfer>& transfer) {
    const absl::Status prepared = transfer->Prepare();
    if (!prepared.ok()) {
      transfer->End(prepared);
      return;
    }
    curl_easy_setopt(transfer->curl(), CURLOPT_MAXAGE_CONN, kIdleConnectionSeconds);
    curl_multi_add_handle(multi_.get(), transfer->curl());
    active_.emplace(transfer.get(), transfer);
  }

  std::shared_ptr<StreamTransfer> Remove(const std::shared_ptr<StreamTransfer>& transfer) {
    std::shared_ptr<StreamTransfer> kept = transfer;
    curl_multi_remove_handle(multi_.get(), kept->curl());
    active_.erase(kept.get());
    return kept;
  }

  void TakeEnded() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      StreamTransfer* transfer = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
      Remove(active_.at(transfer))->EndWith(code);
    }
  }

  /// How long nothing is due.
  std::chrono::milliseconds EndOverdue() {
    const auto now = StreamTransfer::Clock::now();
    auto due = now + kPollMax;
    for (auto next = active_.begin(); next != active_.end();) {
      const std::shared_ptr<StreamTransfer> transfer = (next++)->second;
      const std::optional<absl::Status> error = transfer->Overdue(now);
      if (error.has_value()) {
        Remove(transfer)->End(*error);
      } else {
        due = std::min(due, transfer->due());
      }
    }
    return std::chrono::ceil<std::chrono::milliseconds>(due - now);
  }

  const std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi_;
  std::map<StreamTransfer*, std::shared_ptr<StreamTransfer>> active_;  // of the thread

  std::mutex mutex_;  // guards the four below; never held while a transfer is called
  Transfers beginning_;
  Transfers attention_;
  bool stopping_ = false;
  bool stopped_ = false;

  std::thread thread_;
};

class CurlHttpsStream final : public HttpsStream {
 public:
  explicit CurlHttpsStream(std::shared_ptr<StreamTransfer> transfer)
      : transfer_(std::move(transfer)) {}
  ~CurlHttpsStream() override { transfer_->Cancel(); }

  boost::asio::awaitable<absl::Status> Write(std::string chunk) override {
    auto shared = std::make_shared<std::string>(std::move(chunk));
    return Await<absl::Status>([t = transfer_, shared](std::function<void(absl::Status)> done) {
      t->Write(std::move(*shared), done);
    });
  }
  boost::asio::awaitable<absl::Status> FinishWriting() override {
    return Await<absl::Status>(
        [t = transfer_](std::function<void(absl::Status)> done) { t->FinishWriting(done); });
  }
  boost::asio::awaitable<absl::StatusOr<HttpsStreamHead>> ReadHead() override {
    using Head = absl::StatusOr<HttpsStreamHead>;
    return Await<Head>([t = transfer_](std::function<void(Head)> done) { t->ReadHead(done); });
  }
  boost::asio::awaitable<absl::StatusOr<std::string>> Read() override {
    using Chunk = absl::StatusOr<std::string>;
    return Await<Chunk>([t = transfer_](std::function<void(Chunk)> done) { t->Read(done); });
  }
  bool may_have_been_sent() const override { return transfer_->may_have_been_sent(); }
  void Cancel() override { transfer_->Cancel(); }

 private:
  template <typename T>
  boost::asio::awaitable<T> Await(std::function<void(std::function<void(T)>)> start) {
    return AwaitCallback<T>(std::move(start), [t = transfer_] { t->Cancel(); });
  }

  const std::shared_ptr<StreamTransfer> transfer_;
};

class CurlHttpsStreamClient final : public HttpsStreamClient {
 public:
  CurlHttpsStreamClient() : loop_(std::make_shared<Loop>()) { loop_->Start(); }
  ~CurlHttpsStreamClient() override { loop_->Stop(); }
  CurlHttpsStreamClient(const CurlHttpsStreamClient&) = delete;
  CurlHttpsStreamClient& operator=(const CurlHttpsStreamClient&) = delete;

  std::unique_ptr<HttpsStream> Start(HttpsStreamRequest request) override {
    auto transfer = std::make_shared<StreamTransfer>(
        std::move(request),
        [loop = loop_](std::shared_ptr<StreamTransfer> t) { loop->Attend(std::move(t)); });
    if (!loop_->Begin(transfer)) transfer->End(Cancelled());
    return std::make_unique<CurlHttpsStream>(std::move(transfer));
  }

 private:
  const std::shared_ptr<Loop> loop_;
};

}  // namespace

std::unique_ptr<HttpsStreamClient> MakeCurlHttpsStreamClient() {
  detail::InitialiseCurl();
  return std::make_unique<CurlHttpsStreamClient>();
}

}  // namespace shodan
