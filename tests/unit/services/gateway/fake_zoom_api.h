// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "libs/base/status.h"
#include "libs/http/body_stream.h"
#include "libs/net/wait.h"
#include "services/gateway/backends/zoom_api_client.h"

namespace shodan::gateway {

/// Something that happens once; coroutines of one thread wait for it.
class Event {
 public:
  boost::asio::awaitable<void> Wait() {
    while (!set_) {
      boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                      std::chrono::steady_clock::time_point::max());
      waiting_.push_back(&timer);
      co_await timer.async_wait(net::kAsTuple);
      std::erase(waiting_, &timer);
      if ((co_await boost::asio::this_coro::cancellation_state).cancelled() !=
          boost::asio::cancellation_type::none) {
        co_return;
      }
    }
  }
  void Set() {
    set_ = true;
    for (boost::asio::steady_timer* timer : waiting_) timer->cancel();
  }

 private:
  bool set_ = false;
  std::vector<boost::asio::steady_timer*> waiting_;
};

/// A body in memory. After the last piece it ends, or waits for ever.
class FakeBody final : public http::RequestStream {
 public:
  std::vector<absl::StatusOr<std::string>> pieces;
  bool ends = true;
  Event left;
  bool reading = false;

  boost::asio::awaitable<absl::StatusOr<std::string>> Next() override {
    if (given_ < pieces.size()) co_return pieces[given_++];
    if (!ends) {
      reading = true;
      Event never;
      co_await never.Wait();
      reading = false;
    }
    co_return std::string();
  }
  boost::asio::awaitable<void> ClientLeft() override { return left.Wait(); }

 private:
  size_t given_ = 0;
};

/// What a test says Zoom does with a request.
class FakeExchange final : public ZoomExchange {
 public:
  // What happens.
  absl::StatusOr<ZoomAnswerHead> head = Unavailable("NOT_SET", "none");
  std::vector<std::string> answer;
  bool answers_early = false;  ///< before the body is complete
  bool answers = true;         ///< at all
  bool takes_pieces = true;    ///< false: the first piece stays on its way for ever
  // What happened.
  std::string written;
  bool finished = false;
  bool cancelled = false;

  boost::asio::awaitable<bool> Write(std::string bytes) override {
    if (!takes_pieces) co_await never_.Wait();
    written += bytes;
    co_return true;
  }
  boost::asio::awaitable<bool> FinishWriting() override {
    finished = true;
    complete_.Set();
    co_return true;
  }
  boost::asio::awaitable<absl::StatusOr<ZoomAnswerHead>> ReadHead() override {
    if (!answers) co_await never_.Wait();
    if (!answers_early) co_await complete_.Wait();
    co_return head;
  }
  boost::asio::awaitable<absl::StatusOr<std::string>> Read() override {
    if (given_ == answer.size()) co_return std::string();
    co_return answer[given_++];
  }
  void Cancel() override { cancelled = true; }
  /// Lets go of a piece that was on its way.
  void Release() { never_.Set(); }

 private:
  Event complete_;
  Event never_;
  size_t given_ = 0;
};

/// A zoom-api that answers every request by one exchange.
class FakeZoomApi final : public ZoomApiClient {
 public:
  std::shared_ptr<FakeExchange> exchange = std::make_shared<FakeExchange>();
  std::vector<ZoomRequest> requests;

  boost::asio::awaitable<std::shared_ptr<ZoomExchange>> Begin(BackendCall, Person,
                                                              ZoomRequest request) override {
    requests.push_back(std::move(request));
    co_return exchange;
  }
  Result<ZoomMeeting> CreateMeeting(BackendCall, Person, std::string, ZoomMeeting) override {
    co_return None();
  }
  Result<bool> UpdateMeeting(BackendCall, Person, std::string, ZoomMeeting, std::string) override {
    co_return None();
  }
  Result<ZoomPage<ZoomMeeting>> GetMeeting(BackendCall, Person, ZoomListQuery) override {
    co_return None();
  }
  Result<ZoomMeeting> GetMeetingByMeetingId(BackendCall, Person, std::string,
                                            std::string) override {
    co_return None();
  }
  Result<bool> DeleteMeeting(BackendCall, Person, std::string, ZoomMeetingDeletion) override {
    co_return None();
  }
  Result<ZoomRegistrant> AddMeetingRegistrant(BackendCall, Person, std::string, std::string,
                                              ZoomRegistrant, std::vector<std::string>) override {
    co_return None();
  }
  Result<ZoomPage<ZoomRegistrant>> GetMeetingRegistrants(BackendCall, Person, std::string,
                                                         ZoomListQuery) override {
    co_return None();
  }
  Result<bool> DeleteMeetingRegistrant(BackendCall, Person, std::string, std::string, std::string,
                                       std::string) override {
    co_return None();
  }

 private:
  static absl::Status None() { return Unavailable("NOT_PART_OF_THIS_TEST", "none"); }
};

}  // namespace shodan::gateway
