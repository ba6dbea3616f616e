// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/crypto/random.h"
#include "services/account-link/domain/call_store.h"
#include "services/account-link/domain/note_store.h"
#include "tests/contract/services/account-link/link_store_suite.h"
#include "tests/support/status_matchers.h"

namespace shodan::account_link::testing {

using shodan::testing::IsError;
using shodan::testing::IsOk;

/// A request whose fingerprint covers `content`.
inline IdempotentRequest ARequest(const UserKey& owner, const std::string& content,
                                  const std::string& request_id = RandomUuid()) {
  return {owner, "gateway", request_id, "Create", FingerprintOf("Create", {content})};
}

inline CallContent ACallTo(const std::string& number, const std::string& company_id = "",
                           const std::string& person_id = "") {
  return {.number = number,
          .input_number = "(03) 1234-5678 \xE2\x98\x8E",
          .region_code = "JP",
          .company_id = company_id,
          .person_id = person_id};
}

/// The contract of CallStore, on an empty store.
class CallStoreSuite {
 public:
  explicit CallStoreSuite(CallStore& store) : store_(store) {}
  void Run() {
    Creations();
    Updates();
    Isolation();
    Lists();
  }

 private:
  Call Create(const UserKey& owner, const CallContent& content) {
    return store_.Create(content, ARequest(owner, content.number), Soon()).value();
  }
  std::vector<std::string> Numbers(const CallFilter& filter, const PageQuery& query) {
    std::vector<std::string> numbers;
    const auto calls = store_.List(aiko_, filter, query, Soon());
    for (const Call& call : *calls) numbers.push_back(call.content.number);
    return numbers;
  }
  void Creations();
  void Updates();
  void Isolation();
  void Lists();

  const UserKey aiko_{"demo", "aiko"};
  const UserKey ben_{"demo", "ben"};
  const IsError not_found_{absl::StatusCode::kNotFound, "CALL_NOT_FOUND"};
  CallStore& store_;
};

inline void CallStoreSuite::Creations() {
  SECTION("a created call comes back in every field") {
    const Call call = Create(aiko_, ACallTo("+81312345678", "c1", "p1"));
    CHECK(call.owner == aiko_);
    CHECK(IsUuid(call.call_id));
    CHECK(call.content == ACallTo("+81312345678", "c1", "p1"));
    CHECK(call.outcome == CallOutcome::kUnspecified);
    CHECK(call.start_time == call.create_time);
    CHECK(store_.Get(aiko_, call.call_id, Soon()).value() == call);
  }
  SECTION("company and person may be absent") {
    const Call call = Create(aiko_, ACallTo("+81312345678"));
    CHECK(call.content == ACallTo("+81312345678"));
  }
  SECTION("a repeated request returns the first call as it is now") {
    const std::string id = RandomUuid();
    const CallContent content = ACallTo("+81312345678");
    const Call call = store_.Create(content, ARequest(aiko_, "a", id), Soon()).value();
    CallChange change;
    change.outcome = CallOutcome::kBusy;
    const Call updated = store_.Update(aiko_, call.call_id, change, "", Soon()).value();
    CHECK(store_.Create(content, ARequest(aiko_, "a", id), Soon()).value() == updated);
    CHECK_THAT(store_.Create(content, ARequest(aiko_, "b", id), Soon()),
               IsError(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
    REQUIRE_THAT(store_.Delete(aiko_, call.call_id, Soon()), IsOk());
    CHECK_THAT(store_.Create(content, ARequest(aiko_, "a", id), Soon()), not_found_);
  }
  SECTION("one request from many threads makes one call") {
    const IdempotentRequest request = ARequest(aiko_, "a");
    constexpr size_t kThreads = 8;
    std::vector<std::string> ids(kThreads);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        ids[i] = store_.Create(ACallTo("+81312345678"), request, Soon()).value().call_id;
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == 1);
    CHECK(store_.List(aiko_, {}, {10, std::nullopt}, Soon())->size() == 1);
  }
}

inline void CallStoreSuite::Updates() {
  SECTION("an update changes what it names, the update time and the etag") {
    const Call call = Create(aiko_, ACallTo("+81312345678", "c1"));
    CallChange change;
    change.duration.emplace(std::chrono::seconds(61));
    Call updated = store_.Update(aiko_, call.call_id, change, call.etag, Soon()).value();
    CHECK(updated.duration == std::chrono::seconds(61));
    CHECK(updated.outcome == CallOutcome::kUnspecified);
    CHECK(updated.content == call.content);
    CHECK(updated.create_time == call.create_time);
    CHECK(updated.update_time > call.update_time);
    CHECK(updated.etag != call.etag);

    change = CallChange();
    change.outcome = CallOutcome::kConnected;
    updated = store_.Update(aiko_, call.call_id, change, "", Soon()).value();
    CHECK(updated.duration == std::chrono::seconds(61));
    CHECK(updated.outcome == CallOutcome::kConnected);

    change.duration.emplace(std::nullopt);
    CHECK_FALSE(
        store_.Update(aiko_, call.call_id, change, "", Soon()).value().duration.has_value());
  }
  SECTION("an update with another etag changes nothing") {
    const Call call = Create(aiko_, ACallTo("+81312345678"));
    CallChange change;
    change.outcome = CallOutcome::kFailed;
    for (const std::string etag : {"0", "x", "01", "1 "}) {
      CHECK_THAT(store_.Update(aiko_, call.call_id, change, etag, Soon()),
                 IsError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
    }
    CHECK(store_.Get(aiko_, call.call_id, Soon()).value() == call);
  }
}

inline void CallStoreSuite::Isolation() {
  SECTION("another user's call, and one that is gone, is not found") {
    const Call call = Create(ben_, ACallTo("+81312345678"));
    CallChange change;
    change.outcome = CallOutcome::kFailed;
    CHECK_THAT(store_.Get(aiko_, call.call_id, Soon()), not_found_);
    CHECK_THAT(store_.Get({"other", "ben"}, call.call_id, Soon()), not_found_);
    CHECK_THAT(store_.Update(aiko_, call.call_id, change, call.etag, Soon()), not_found_);
    CHECK_THAT(store_.Delete(aiko_, call.call_id, Soon()), not_found_);
    REQUIRE_THAT(store_.Delete(ben_, call.call_id, Soon()), IsOk());
    CHECK_THAT(store_.Get(ben_, call.call_id, Soon()), not_found_);
    CHECK_THAT(store_.Delete(ben_, call.call_id, Soon()), not_found_);
  }
}

inline void CallStoreSuite::Lists() {
  SECTION("a list shows the owner's calls, newest first, by company and person") {
    Create(aiko_, ACallTo("+811", "c1", "p1"));
    Create(aiko_, ACallTo("+812", "c1", "p2"));
    Create(ben_, ACallTo("+813", "c1", "p1"));
    Create(aiko_, ACallTo("+814", "c2", "p1"));
    Create(aiko_, ACallTo("+815"));
    const PageQuery all{10, std::nullopt};
    using Expected = std::vector<std::string>;
    CHECK(Numbers({}, all) == Expected{"+815", "+814", "+812", "+811"});
    CHECK(Numbers({"c1", ""}, all) == Expected{"+812", "+811"});
    CHECK(Numbers({"", "p1"}, all) == Expected{"+814", "+811"});
    CHECK(Numbers({"c1", "p1"}, all) == Expected{"+811"});
    CHECK(Numbers({"C1", ""}, all).empty());
    CHECK(Numbers({"c9", ""}, all).empty());
  }
  SECTION("one call more than the page is returned, from after the position") {
    std::vector<Call> calls;
    for (int i = 0; i < 6; ++i) {
      calls.push_back(Create(aiko_, ACallTo("+8190" + std::to_string(i), "c1")));
    }
    for (const CallFilter& filter : {CallFilter{"", ""}, CallFilter{"c1", ""}}) {
      CHECK(Numbers(filter, {2, std::nullopt}).size() == 3);
      const PagePosition after{calls[3].create_time, calls[3].call_id};
      CHECK(Numbers(filter, {10, after}) == std::vector<std::string>{"+81902", "+81901", "+81900"});
      const PagePosition last{calls[0].create_time, calls[0].call_id};
      CHECK(Numbers(filter, {10, last}).empty());
    }
  }
}

/// The contract of NoteStore, on an empty store; `calls` is on the same database.
class NoteStoreSuite {
 public:
  NoteStoreSuite(NoteStore& store, CallStore& calls) : store_(store), calls_(calls) {}
  void Run() {
    Creations();
    Updates();
    Isolation();
    Texts();
    Lists();
  }

 private:
  static NoteContent About(const std::string& text, const std::string& company_id = "c1",
                           const std::string& person_id = "", const std::string& call_id = "") {
    return {.text = text, .company_id = company_id, .person_id = person_id, .call_id = call_id};
  }
  Note Create(const UserKey& owner, const NoteContent& content) {
    return store_.Create(content, ARequest(owner, content.text), Soon()).value();
  }
  std::string CallOf(const UserKey& owner) {
    return calls_.Create(ACallTo("+81312345678"), ARequest(owner, "call"), Soon())->call_id;
  }
  std::string Texts(const NoteFilter& filter, const PageQuery& query = {10, std::nullopt}) {
    std::string texts;
    const auto notes = store_.List(aiko_, filter, query, Soon());
    for (const Note& note : *notes) texts += note.content.text;
    return texts;
  }
  void Creations();
  void Updates();
  void Isolation();
  void Texts();
  void Lists();

  const UserKey aiko_{"demo", "aiko"};
  const UserKey ben_{"demo", "ben"};
  const IsError not_found_{absl::StatusCode::kNotFound, "NOTE_NOT_FOUND"};
  NoteStore& store_;
  CallStore& calls_;
};

inline void NoteStoreSuite::Creations() {
  SECTION("a created note comes back in every field") {
    const std::string call_id = CallOf(aiko_);
    const Note note = Create(aiko_, About("text", "c1", "p1", call_id));
    CHECK(note.owner == aiko_);
    CHECK(IsUuid(note.note_id));
    CHECK(note.content == About("text", "c1", "p1", call_id));
    CHECK(note.create_time == note.update_time);
    CHECK(store_.Get(aiko_, note.note_id, Soon()).value() == note);
  }
  SECTION("a note can only be about a call of its owner") {
    const std::string of_ben = CallOf(ben_);
    for (const std::string& call_id : {of_ben, RandomUuid()}) {
      CHECK_THAT(store_.Create(About("text", "", "", call_id), ARequest(aiko_, "text"), Soon()),
                 IsError(absl::StatusCode::kNotFound, "CALL_NOT_FOUND"));
    }
    CHECK(Texts({}).empty());
  }
  SECTION("a note outlives the call that it is about") {
    const std::string call_id = CallOf(aiko_);
    const Note note = Create(aiko_, About("text", "", "", call_id));
    REQUIRE_THAT(calls_.Delete(aiko_, call_id, Soon()), IsOk());
    CHECK(store_.Get(aiko_, note.note_id, Soon()).value() == note);
  }
  SECTION("a repeated request returns the first note as it is now") {
    const std::string id = RandomUuid();
    const Note note = store_.Create(About("a"), ARequest(aiko_, "a", id), Soon()).value();
    const Note edited = store_.Update(aiko_, note.note_id, "b", note.etag, Soon()).value();
    CHECK(store_.Create(About("a"), ARequest(aiko_, "a", id), Soon()).value() == edited);
    CHECK_THAT(store_.Create(About("b"), ARequest(aiko_, "b", id), Soon()),
               IsError(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
    REQUIRE_THAT(store_.Delete(aiko_, note.note_id, Soon()), IsOk());
    CHECK_THAT(store_.Create(About("a"), ARequest(aiko_, "a", id), Soon()), not_found_);
  }
  SECTION("a refused request does not use up its id") {
    const std::string id = RandomUuid();
    REQUIRE_FALSE(
        store_.Create(About("a", "", "", RandomUuid()), ARequest(aiko_, "a", id), Soon()).ok());
    CHECK_THAT(store_.Create(About("b"), ARequest(aiko_, "b", id), Soon()), IsOk());
  }
}

inline void NoteStoreSuite::Updates() {
  SECTION("an update replaces the text alone and needs the present etag, when one is given") {
    const Note note = Create(aiko_, About("old", "c1", "p1"));
    const Note edited = store_.Update(aiko_, note.note_id, "new", note.etag, Soon()).value();
    CHECK(edited.content == About("new", "c1", "p1"));
    CHECK(edited.create_time == note.create_time);
    CHECK(edited.update_time > note.update_time);
    CHECK(edited.etag != note.etag);
    CHECK_THAT(store_.Update(aiko_, note.note_id, "lost", note.etag, Soon()),
               IsError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
    CHECK(store_.Get(aiko_, note.note_id, Soon()).value() == edited);
    CHECK_THAT(store_.Update(aiko_, note.note_id, "forced", "", Soon()), IsOk());
  }
  SECTION("of many edits of one version one succeeds") {
    const Note note = Create(aiko_, About("old"));
    std::atomic<int> succeeded = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        const auto edited =
            store_.Update(aiko_, note.note_id, std::to_string(i), note.etag, Soon());
        if (edited.ok()) ++succeeded;
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(succeeded == 1);
  }
}

inline void NoteStoreSuite::Isolation() {
  SECTION("another user's note, and one that is gone, is not found") {
    const Note note = Create(ben_, About("text"));
    CHECK_THAT(store_.Get(aiko_, note.note_id, Soon()), not_found_);
    CHECK_THAT(store_.Get({"other", "ben"}, note.note_id, Soon()), not_found_);
    CHECK_THAT(store_.Update(aiko_, note.note_id, "x", "", Soon()), not_found_);
    CHECK_THAT(store_.Delete(aiko_, note.note_id, Soon()), not_found_);
    REQUIRE_THAT(store_.Delete(ben_, note.note_id, Soon()), IsOk());
    CHECK_THAT(store_.Delete(ben_, note.note_id, Soon()), not_found_);
  }
}

inline void NoteStoreSuite::Texts() {
  SECTION("texts are kept byte for byte") {
    std::string longest;
    for (int i = 0; i < 10'000; ++i) longest += "\U0001F4DE";
    const std::vector<std::string> texts = {
        "plain",
        " leading and trailing \n\r\n\t ",
        "caf\u00E9 / cafe\u0301",
        "\u65E5\u672C\u8A9E\u306E\u30E1\u30E2 \u0645\u0644\u0627\u062D\u0638\u0629",
        "\u202Eright-to-left override\u202C \u200B \uFEFF",
        "\U0001F468\u200D\U0001F469\u200D\U0001F467 \U0010FFFF \uFFFE",
        "back\\slash 'single' \"double\" $1 %s {{x}} </script> \x01\x1F\x7F",
        longest,
    };
    for (const std::string& text : texts) {
      const Note note = Create(aiko_, About(text));
      CHECK(note.content.text == text);
      CHECK(store_.Get(aiko_, note.note_id, Soon()).value().content.text == text);
      const Note edited = store_.Update(aiko_, note.note_id, text, "", Soon()).value();
      CHECK(edited.content.text == text);
    }
  }
}

inline void NoteStoreSuite::Lists() {
  SECTION("a list shows the owner's notes, newest first, by company, person and call") {
    const std::string call_id = CallOf(aiko_);
    Create(aiko_, About("1", "c1", "p1"));
    Create(aiko_, About("2", "c1", "p2", call_id));
    Create(ben_, About("3", "c1", "p1"));
    Create(aiko_, About("4", "c2", "p1", call_id));
    CHECK(Texts({}) == "421");
    CHECK(Texts({"c1", "", ""}) == "21");
    CHECK(Texts({"", "p1", ""}) == "41");
    CHECK(Texts({"", "", call_id}) == "42");
    CHECK(Texts({"c1", "p1", ""}) == "1");
    CHECK(Texts({"c1", "", call_id}) == "2");
    CHECK(Texts({"", "p1", call_id}) == "4");
    CHECK(Texts({"c2", "p1", call_id}) == "4");
    CHECK(Texts({"", "", RandomUuid()}).empty());
  }
  SECTION("one note more than the page is returned, from after the position") {
    std::vector<Note> notes;
    for (int i = 0; i < 6; ++i) notes.push_back(Create(aiko_, About(std::to_string(i))));
    CHECK(Texts({}, {2, std::nullopt}) == "543");
    const PagePosition after{notes[3].create_time, notes[3].note_id};
    CHECK(Texts({}, {10, after}) == "210");
    CHECK(Texts({"c1", "", ""}, {1, after}) == "21");
  }
}

}  // namespace shodan::account_link::testing
