// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "services/account-link/domain/calls.h"
#include "services/account-link/domain/notes.h"
#include "tests/contract/services/account-link/fakes/in_memory_record_stores.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/services/account-link/world.h"

namespace shodan::account_link::testing {
namespace {

using shodan::testing::IsError;
using shodan::testing::IsOk;
using std::chrono::seconds;

constexpr char kRequest[] = "11111111-1111-4111-8111-111111111111";
constexpr char kOtherRequest[] = "22222222-2222-4222-8222-222222222222";
constexpr char kSomeId[] = "33333333-3333-4333-8333-333333333333";

std::vector<std::string> FieldNames(const absl::Status& status) {
  std::vector<std::string> names;
  for (const FieldViolation& field : FieldsOf(status)) names.push_back(field.field);
  return names;
}

using Fields = std::vector<std::string>;

struct Records {
  InMemoryDatabase database;
  InMemoryCallStore call_store{database};
  InMemoryNoteStore note_store{database};
  Calls calls{call_store};
  Notes notes{note_store};
  CallScope scope = ScopeOf(kAiko);
};

CallContent ACall() {
  return {.number = "+81312345678",
          .input_number = "03-1234-5678",
          .region_code = "JP",
          .company_id = "c1",
          .person_id = "p1"};
}

NoteContent ANote() {
  return {.text = "Called back.", .company_id = "c1", .person_id = "", .call_id = ""};
}

}  // namespace

TEST_CASE_METHOD(Records, "a call is recorded as it was clicked", "[account-link][calls]") {
  const absl::StatusOr<Call> call = calls.Create(kAiko, kRequest, ACall(), scope);

  REQUIRE_THAT(call, IsOk());
  CHECK(call->content == ACall());
  CHECK(call->outcome == CallOutcome::kUnspecified);
  CHECK_FALSE(call->duration.has_value());
  CHECK(call->start_time == call->create_time);
  CHECK_FALSE(call->etag.empty());
}

TEST_CASE_METHOD(Records, "every bad field of a call is named", "[account-link][calls]") {
  const CallContent bad{.number = "110",
                        .input_number = std::string(251, '1'),
                        .region_code = "Japan",
                        .company_id = std::string(256, 'c'),
                        .person_id = std::string("p\0", 2)};

  const absl::StatusOr<Call> call = calls.Create({"Demo", ""}, "x", bad, scope);

  CHECK_THAT(call, IsError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  CHECK(FieldNames(call.status()) == Fields{"projectId", "userId", "requestId", "number",
                                            "inputNumber", "region", "companyId", "personId"});
  CHECK(database.Committed().calls.empty());
}

TEST_CASE_METHOD(Records, "a repeated request makes one call", "[account-link][calls]") {
  const Call first = calls.Create(kAiko, kRequest, ACall(), scope).value();

  CHECK(calls.Create(kAiko, kRequest, ACall(), scope).value() == first);

  CallContent other = ACall();
  other.number = "+81312345679";
  CHECK_THAT(calls.Create(kAiko, kRequest, other, scope),
             IsError(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  CHECK(calls.Create(kAiko, kOtherRequest, other, scope).value().call_id != first.call_id);
}

TEST_CASE("requests differ when any part of their content does", "[account-link][calls]") {
  CHECK(FingerprintOf("CreateCall", {"a", "b"}) == FingerprintOf("CreateCall", {"a", "b"}));
  CHECK(FingerprintOf("CreateCall", {"a", "b"}) != FingerprintOf("CreateCall", {"ab", ""}));
  CHECK(FingerprintOf("CreateCall", {"a", "b"}) != FingerprintOf("CreateCall", {"b", "a"}));
  CHECK(FingerprintOf("CreateCall", {"a"}) != FingerprintOf("CreateCallNote", {"a"}));
  CHECK(FingerprintOf("CreateCall", {"a"}).size() == 32);
}

TEST_CASE_METHOD(Records, "an update changes what it names and the etag", "[account-link][calls]") {
  const Call call = calls.Create(kAiko, kRequest, ACall(), scope).value();
  CallChange change;
  change.outcome = CallOutcome::kVoicemail;

  const absl::StatusOr<Call> updated =
      calls.Update(kAiko, call.call_id, change, call.etag, RequestCheck(), scope);

  REQUIRE_THAT(updated, IsOk());
  CHECK(updated->outcome == CallOutcome::kVoicemail);
  CHECK_FALSE(updated->duration.has_value());
  CHECK(updated->content == call.content);
  CHECK(updated->etag != call.etag);
  CHECK_THAT(calls.Update(kAiko, call.call_id, change, call.etag, RequestCheck(), scope),
             IsError(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
}

TEST_CASE_METHOD(Records, "a duration can be set and made unknown again", "[account-link][calls]") {
  const Call call = calls.Create(kAiko, kRequest, ACall(), scope).value();
  CallChange change;
  change.duration.emplace(seconds(90));
  CHECK(calls.Update(kAiko, call.call_id, change, "", RequestCheck(), scope)->duration ==
        seconds(90));

  change.duration.emplace(std::nullopt);
  CHECK_FALSE(
      calls.Update(kAiko, call.call_id, change, "", RequestCheck(), scope)->duration.has_value());
}

TEST_CASE_METHOD(Records, "durations are 0 s to 7 days", "[account-link][calls]") {
  const Call call = calls.Create(kAiko, kRequest, ACall(), scope).value();
  for (const auto& [duration, fits] : {std::pair(seconds(0), true),
                                       {seconds(604'800), true},
                                       {seconds(-1), false},
                                       {seconds(604'801), false}}) {
    CallChange change;
    change.duration.emplace(duration);
    const auto updated = calls.Update(kAiko, call.call_id, change, "", RequestCheck(), scope);
    CHECK(updated.ok() == fits);
    if (!fits) CHECK(FieldNames(updated.status()) == Fields{"durationSeconds"});
  }
}

TEST_CASE_METHOD(Records, "what was wrong when the update was read is named with the rest",
                 "[account-link][calls]") {
  RequestCheck check;
  check.Add("updateMask", "NOT_ALLOWED", "may name outcome and duration only");

  const auto updated = calls.Update(kAiko, "x", {}, std::string(65, 'e'), std::move(check), scope);

  CHECK(FieldNames(updated.status()) == Fields{"updateMask", "callId", "etag"});
}

TEST_CASE_METHOD(Records, "another user's call does not exist", "[account-link][calls]") {
  const Call call = calls.Create(kBen, kRequest, ACall(), ScopeOf(kBen)).value();
  const auto not_found = IsError(absl::StatusCode::kNotFound, "CALL_NOT_FOUND");
  CallChange change;
  change.outcome = CallOutcome::kMissed;

  CHECK_THAT(calls.Get(kAiko, call.call_id, scope), not_found);
  CHECK_THAT(calls.Update(kAiko, call.call_id, change, "", RequestCheck(), scope), not_found);
  CHECK_THAT(calls.Delete(kAiko, call.call_id, scope), not_found);
  CHECK(calls.List(kAiko, {}, {}, scope)->records.empty());
  CHECK_THAT(calls.Get(kBen, call.call_id, ScopeOf(kBen)), IsOk());
}

TEST_CASE_METHOD(Records, "every bad field of a note is named", "[account-link][notes]") {
  const NoteContent bad{
      .text = "", .company_id = std::string(256, 'c'), .person_id = "\xFF", .call_id = "call"};

  const absl::StatusOr<Note> note = notes.Create({"demo", ""}, "", bad, scope);

  CHECK(FieldNames(note.status()) ==
        Fields{"userId", "requestId", "text", "companyId", "personId", "callId"});
}

TEST_CASE_METHOD(Records, "a note says what it is about", "[account-link][notes]") {
  NoteContent nothing = ANote();
  nothing.company_id.clear();

  CHECK(FieldNames(notes.Create(kAiko, kRequest, nothing, scope).status()) == Fields{"companyId"});
}

TEST_CASE_METHOD(Records, "a note about a call needs a call of the same user",
                 "[account-link][notes]") {
  NoteContent content = ANote();
  content.call_id = kSomeId;
  CHECK_THAT(notes.Create(kAiko, kRequest, content, scope),
             IsError(absl::StatusCode::kNotFound, "CALL_NOT_FOUND"));

  content.call_id = calls.Create(kBen, kRequest, ACall(), ScopeOf(kBen))->call_id;
  CHECK_THAT(notes.Create(kAiko, kRequest, content, scope),
             IsError(absl::StatusCode::kNotFound, "CALL_NOT_FOUND"));

  content.call_id = calls.Create(kAiko, kOtherRequest, ACall(), scope)->call_id;
  CHECK_THAT(notes.Create(kAiko, kRequest, content, scope), IsOk());
}

TEST_CASE_METHOD(Records, "a note keeps its text byte for byte and has a limit in characters",
                 "[account-link][notes]") {
  NoteContent content = ANote();
  content.text.clear();
  for (int i = 0; i < 10'000; ++i) content.text += "語";

  const Note note = notes.Create(kAiko, kRequest, content, scope).value();
  CHECK(notes.Get(kAiko, note.note_id, scope)->content == content);

  content.text += "!";
  CHECK(FieldNames(notes.Create(kAiko, kOtherRequest, content, scope).status()) == Fields{"text"});
  CHECK(FieldNames(notes.Update(kAiko, note.note_id, content.text, "", scope).status()) ==
        Fields{"text"});
}

TEST_CASE_METHOD(Records, "a repeated note is the note as it is now", "[account-link][notes]") {
  const Note note = notes.Create(kAiko, kRequest, ANote(), scope).value();
  const Note edited = notes.Update(kAiko, note.note_id, "Edited.", note.etag, scope).value();

  CHECK(notes.Create(kAiko, kRequest, ANote(), scope).value() == edited);

  REQUIRE_THAT(notes.Delete(kAiko, note.note_id, scope), IsOk());
  CHECK_THAT(notes.Create(kAiko, kRequest, ANote(), scope),
             IsError(absl::StatusCode::kNotFound, "NOTE_NOT_FOUND"));
}

TEST_CASE_METHOD(Records, "a request id belongs to one method", "[account-link][notes]") {
  REQUIRE_THAT(calls.Create(kAiko, kRequest, ACall(), scope), IsOk());

  CHECK_THAT(notes.Create(kAiko, kRequest, ANote(), scope),
             IsError(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

TEST_CASE_METHOD(Records, "lists check their filter and page", "[account-link][notes]") {
  const auto listed =
      notes.List(kAiko, {.company_id = std::string(256, 'c'), .person_id = "", .call_id = "x"},
                 {.size = 101, .after = "AAAA"}, scope);

  CHECK(FieldNames(listed.status()) == Fields{"companyId", "callId", "pageSize", "pageToken"});
}

TEST_CASE_METHOD(Records, "pages follow each other without gap or repetition",
                 "[account-link][notes]") {
  for (int i = 0; i < 7; ++i) {
    NoteContent content = ANote();
    content.text = std::to_string(i);
    REQUIRE_THAT(notes.Create(kAiko, RandomUuid(), content, scope), IsOk());
  }

  std::string texts;
  PageRequest page{.size = 3, .after = ""};
  do {
    const Page<Note> got = notes.List(kAiko, {}, page, scope).value();
    for (const Note& note : got.records) texts += note.content.text;
    page.after = got.next;
  } while (!page.after.empty());

  CHECK(texts == "6543210");
}

}  // namespace shodan::account_link::testing
