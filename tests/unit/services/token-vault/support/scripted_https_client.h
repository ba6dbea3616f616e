// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/https_client/https_client.h"

namespace shodan::testing {

/// A request as a server would see it.
struct SeenRequest {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string ca_file;
  std::chrono::milliseconds timeout{0};
};

/// Answers requests from a list, in order, and keeps what it was sent. Without a next answer a
/// request fails as unreachable. Thread-safe.
class ScriptedHttpsClient : public HttpsClient {
 public:
  /// May look at the request; runs on the caller's thread.
  using Answer = std::function<HttpsOutcome(const SeenRequest&)>;

  void Then(Answer answer) {
    const std::scoped_lock lock(mutex_);
    answers_.push_back(std::move(answer));
  }
  void ThenAnswer(int status, const std::string& body) {
    Then([status, body](const SeenRequest&) { return Answered(status, body); });
  }
  void ThenFail(bool may_have_been_sent) {
    Then([may_have_been_sent](const SeenRequest&) { return Failed(may_have_been_sent); });
  }

  static HttpsOutcome Answered(int status, const std::string& body) {
    HttpsOutcome outcome;
    outcome.may_have_been_sent = true;
    outcome.status = status;
    outcome.body = Secret(body);
    return outcome;
  }
  static HttpsOutcome Failed(bool may_have_been_sent) {
    HttpsOutcome outcome;
    outcome.error = Unavailable("HTTPS_TIMEOUT", "The server did not answer in time.");
    outcome.may_have_been_sent = may_have_been_sent;
    return outcome;
  }

  HttpsOutcome Send(const HttpsRequest& request) override {
    SeenRequest seen{request.method,     request.url,     {},
                     Text(request.body), request.ca_file, request.timeout};
    for (const auto& [name, value] : request.headers) seen.headers.emplace_back(name, Text(value));
    Answer answer;
    {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(seen);
      if (answers_.empty()) return Failed(/*may_have_been_sent=*/false);
      answer = std::move(answers_.front());
      answers_.pop_front();
    }
    return answer(seen);
  }

  std::vector<SeenRequest> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }
  size_t unused_answers() const {
    const std::scoped_lock lock(mutex_);
    return answers_.size();
  }

 private:
  static std::string Text(const Secret& secret) {
    return std::string(secret.Expose(SecretAccess::ForTest()));
  }

  mutable std::mutex mutex_;
  std::deque<Answer> answers_;
  std::vector<SeenRequest> requests_;
};

}  // namespace shodan::testing
