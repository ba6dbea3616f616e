// SPDX-License-Identifier: Apache-2.0
#include "services/zoom-api/sending/exchange.h"

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include "libs/base/crash_point.h"
#include "libs/base/status.h"
#include "libs/crypto/random.h"
#include "libs/net/wait.h"
#include "libs/projects/url_rules.h"
#include "services/zoom-api/domain/answer_head.h"
#include "services/zoom-api/domain/endpoint_template.h"
#include "services/zoom-api/domain/errors.h"

namespace shodan::zoomapi {
namespace {

using boost::asio::awaitable;
using std::chrono::milliseconds;

constexpr milliseconds kIntentLimit{5'000};
// What an intent's time limit has beyond the times of what it is for.
constexpr milliseconds kIntentMargin{30'000};
constexpr char kUserAgent[] = "shodan-zoom-api/1";

double Jitter() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

Secret Bearer(const Secret& token) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view plaintext = token.Expose(SecretAccess::ForUpstreamRequest());
  std::string value;
  value.reserve(kScheme.size() + plaintext.size());
  value.append(kScheme).append(plaintext);
  return Secret::Take(std::move(value));
}

// A request without a body says so where its method lets one be expected (RFC 9110 section 8.6).
std::optional<int64_t> LengthToSend(const ApiRequest& request) {
  const bool expects_body = request.method == Method::kPost || request.method == Method::kPut ||
                            request.method == Method::kPatch;
  if (request.content_length == 0 && !expects_body) return std::nullopt;
  return request.content_length;
}

bool Answers(const absl::Status& error) {
  return !HasReason(error, "HTTPS_ADDRESS_REFUSED") && !HasReason(error, "HTTPS_REQUEST_INVALID");
}

}  // namespace

Exchange::Exchange(ZoomSender& sender, ApiRequest request, BodySource& body, AnswerSink& sink,
                   Deadline deadline)
    : sender_(sender),
      request_(std::move(request)),
      unsafe_(IsUnsafe(request_.method)),
      body_(body, request_.content_length),
      sink_(sink),
      deadline_(deadline),
      patience_(deadline.Cap(sender.settings_.patience)),
      life_({.unsafe = unsafe_, .body_kept = body_.kept(), .any_of_scopes = request_.any_of_scopes},
            sender.settings_.life) {
  budget_key_.project_id = request_.requester.project_id;
  budget_key_.user_id = request_.requester.user_id;
  budget_key_.category = CategoryOf(request_.method, request_.target);
}

awaitable<absl::Status> Exchange::Run() {
  auto keep = body_.Keep();
  const absl::Status kept = co_await std::move(keep);
  if (!kept.ok()) co_return kept;
  NextStep next = life_.Start();
  while (next.step != Step::kEnd) {
    const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
    const bool left = cancellation.cancelled() != boost::asio::cancellation_type::none;
    if (next.step != Step::kDeliver && (left || patience_.Expired())) {
      next = life_.GivenUp(left ? CallCancelled() : DeadlinePassed());
      continue;
    }
    auto operation = Take(std::move(next));
    next = co_await std::move(operation);
    if (next.budget_pause.has_value()) sender_.budget_.Pause(budget_key_, *next.budget_pause);
  }
  stream_.reset();
  if (next.ending.has_value()) {
    auto end = EndIntent(*next.ending);
    co_await std::move(end);
  }
  co_return next.status;
}

awaitable<NextStep> Exchange::Take(NextStep step) {
  switch (step.step) {
    case Step::kGetToken:
      co_return co_await GetToken(step.rejected_version);
    case Step::kTakeSlot:
      co_return co_await TakeSlot(step.pause);
    case Step::kWriteIntent:
      co_return co_await WriteIntent();
    case Step::kSend:
      co_return co_await Transfer();
    case Step::kDeliver:
      co_return co_await Deliver();
    case Step::kEnd:
      break;
  }
  co_return step;
}

awaitable<NextStep> Exchange::GetToken(int64_t rejected_version) {
  stream_.reset();
  token_ = AccessToken();
  auto operation = sender_.tokens_.Get(request_.requester, rejected_version, patience_);
  absl::StatusOr<AccessToken> token = co_await std::move(operation);
  if (!token.ok()) co_return life_.TokenRefused(token.status());
  token_ = *std::move(token);
  budget_key_.account_tag = token_.account_tag;
  if (!projects::UrlProblem(token_.api_base_url, sender_.settings_.allow_loopback).empty()) {
    sender_.log_.Error("the address of Zoom's API may not be used",
                       {{"project", request_.requester.project_id}});
    co_return life_.TokenRefused(
        Internal("API_BASE_URL_REFUSED", "The project's api_base_url may not be used."));
  }
  co_return life_.TokenGot(token_.version, token_.scopes);
}

awaitable<NextStep> Exchange::TakeSlot(milliseconds pause) {
  stream_.reset();
  if (pause > milliseconds(0)) co_await net::WaitFor(pause);
  auto operation = sender_.budget_.Take(budget_key_, patience_);
  absl::StatusOr<HeldSlot> taken = co_await std::move(operation);
  if (!taken.ok()) co_return life_.SlotRefused(taken.status());
  slot_ = *std::move(taken);
  co_return life_.SlotTaken();
}

awaitable<NextStep> Exchange::WriteIntent() {
  intent_.requester = request_.requester;
  intent_.request_digest = RequestDigest(request_.request_id);
  intent_.attempt_id = RandomUuid();
  intent_.head_fingerprint = HeadFingerprint(request_);
  intent_.body_fingerprint = BodyFingerprintIfKnown();
  intent_.method = ToText(request_.method);
  intent_.endpoint = EndpointTemplate(request_.target);
  intent_.time_limit = patience_.Remaining() + sender_.settings_.timeout + kIntentMargin;
  auto operation = sender_.intents_.Begin(intent_, patience_.Cap(kIntentLimit));
  absl::StatusOr<std::optional<EarlierIntent>> begun = co_await std::move(operation);
  if (!begun.ok()) co_return life_.IntentNotWritten(begun.status());
  if (!begun->has_value()) co_return life_.IntentWritten();
  co_return co_await IntentExists(**std::move(begun));
}

awaitable<NextStep> Exchange::IntentExists(EarlierIntent earlier) {
  bool same = earlier.head_fingerprint == intent_.head_fingerprint;
  if (same && !earlier.body_fingerprint.empty()) {
    auto drain = body_.Drain();
    absl::Status drained = co_await std::move(drain);
    if (!drained.ok()) co_return life_.IntentNotWritten(std::move(drained));
    same = earlier.body_fingerprint == BodyFingerprintIfKnown();
  }
  co_return life_.IntentExists(earlier, same);
}

awaitable<NextStep> Exchange::Transfer() {
  // From here on an unsafe request is not left before its outcome is known.
  if (unsafe_) {
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  }
  CrashPoint("zoomapi.send.before_start");
  body_.Rewind();
  head_ = HttpsStreamHead();
  stream_ = sender_.https_.Start(MakeRequest());
  auto send_body = SendBody();
  absl::Status sent = co_await std::move(send_body);
  if (!sent.ok()) {
    auto give_up = GiveUpBody(std::move(sent));
    co_return co_await std::move(give_up);
  }
  CrashPoint("zoomapi.send.after_body");
  auto read_head = stream_->ReadHead();
  absl::StatusOr<HttpsStreamHead> head = co_await std::move(read_head);
  slot_.Release();
  if (!head.ok()) co_return Lost(head.status());
  head_ = *std::move(head);
  CrashPoint("zoomapi.send.after_head");
  co_return life_.Answered(head_.status, PauseOf(head_.headers, std::chrono::system_clock::now()),
                           patience_.Remaining(), Jitter());
}

// OK also when the transfer took no more of it: the answer, or the error, is there then.
awaitable<absl::Status> Exchange::SendBody() {
  if (body_.length() == 0) co_return absl::OkStatus();
  while (true) {
    auto next = body_.Next();
    absl::StatusOr<std::string> chunk = co_await std::move(next);
    if (!chunk.ok()) co_return chunk.status();
    if (chunk->empty()) break;
    auto write = stream_->Write(*std::move(chunk));
    const absl::Status written = co_await std::move(write);
    if (!written.ok()) co_return absl::OkStatus();
  }
  auto finish = stream_->FinishWriting();
  const absl::Status finished = co_await std::move(finish);
  finished.IgnoreError();
  co_return absl::OkStatus();
}

awaitable<NextStep> Exchange::GiveUpBody(absl::Status status) {
  stream_->Cancel();
  // Only a transfer that has ended tells exactly whether anything was sent.
  auto read_head = stream_->ReadHead();
  const absl::StatusOr<HttpsStreamHead> ended = co_await std::move(read_head);
  ended.IgnoreError();
  co_return life_.BodyFailed(std::move(status), stream_->may_have_been_sent());
}

NextStep Exchange::Lost(const absl::Status& error) {
  if (!Answers(error)) {
    sender_.log_.Error("a request to Zoom was refused before it was sent",
                       {{"project", request_.requester.project_id}, {"reason", ReasonOf(error)}});
  }
  return life_.Lost(stream_->may_have_been_sent(), Answers(error), patience_.Remaining(), Jitter());
}

awaitable<NextStep> Exchange::Deliver() {
  bool whole = false;
  auto pass_on = PassOn(whole);
  absl::Status passed_on = co_await std::move(pass_on);
  co_return life_.Delivered(std::move(passed_on), whole);
}

awaitable<absl::Status> Exchange::PassOn(bool& whole) {
  AnswerHead head = HeadOf(head_.status, head_.content_length, head_.headers);
  auto begin = sink_.Head(std::move(head));
  absl::Status taken = co_await std::move(begin);
  int64_t bytes = 0;
  while (taken.ok()) {
    auto read = stream_->Read();
    absl::StatusOr<std::string> chunk = co_await std::move(read);
    if (!chunk.ok()) co_return ZoomUnavailable();
    if (chunk->empty()) {
      whole = true;
      break;
    }
    bytes += static_cast<int64_t>(chunk->size());
    if (bytes > sender_.settings_.answer_bytes_max) co_return AnswerTooLarge();
    auto pass = sink_.Chunk(*std::move(chunk));
    taken = co_await std::move(pass);
  }
  co_return taken;
}

awaitable<void> Exchange::EndIntent(IntentState state) {
  IntentEnding ending;
  ending.state = state;
  ending.zoom_status = state == IntentState::kNotSent ? 0 : head_.status;
  ending.tracking_id = TrackingIdOf(head_.headers);
  ending.body_fingerprint = BodyFingerprintIfKnown();
  auto operation = sender_.intents_.End(intent_, std::move(ending), Deadline::After(kIntentLimit));
  const absl::Status ended = co_await std::move(operation);
  const bool written = ended.ok();
  sender_.metrics_.Count("shodan_zoomapi_intents_total", "Unsafe requests by how they ended.",
                         {{"state", written ? ToText(state) : std::string_view("not_written")}});
  if (!written) {
    // The sweep says of it that the outcome is unknown.
    sender_.log_.Warning("how an unsafe request ended could not be recorded",
                         {{"reason", ReasonOf(ended)}, {"state", ToText(state)}});
  }
}

HttpsStreamRequest Exchange::MakeRequest() const {
  const SenderSettings& settings = sender_.settings_;
  HttpsStreamRequest out;
  out.method = ToText(request_.method);
  out.url = token_.api_base_url + request_.target.Encoded();
  out.headers.emplace_back("authorization", Bearer(token_.token));
  out.headers.emplace_back("accept",
                           Secret(request_.accept.empty() ? "application/json" : request_.accept));
  out.headers.emplace_back("user-agent", Secret(kUserAgent));
  out.content_length = LengthToSend(request_);
  if (!request_.content_type.empty() && request_.content_length > 0) {
    out.headers.emplace_back("content-type", Secret(request_.content_type));
  }
  out.ca_file = settings.ca_file;
  // A caller who leaves, or whose time is over, ends a safe request only.
  out.timeout = unsafe_ ? settings.timeout : std::min(settings.timeout, deadline_.Remaining());
  out.stall_timeout = settings.stall_timeout;
  out.fresh_connection = unsafe_;
  out.allow_private_addresses = settings.allow_loopback;
  return out;
}

std::string Exchange::BodyFingerprintIfKnown() const {
  return body_.complete() ? BodyFingerprint(request_.request_id, body_.digest()) : std::string();
}

}  // namespace shodan::zoomapi
