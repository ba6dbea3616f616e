// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/calls.h"

#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "services/account-link/domain/limits.h"

namespace shodan::account_link {
namespace {

absl::Status CheckName(const UserKey& owner, const std::string& call_id) {
  RequestCheck check;
  check.Owner(owner);
  check.Uuid("callId", call_id);
  return check.Finish();
}

void CheckContent(const CallContent& content, RequestCheck& check) {
  check.PhoneNumber("number", content.number);
  check.OptionalText("inputNumber", content.input_number, kMaxInputNumberBytes);
  check.RegionCode("region", content.region_code);
  check.OptionalText("companyId", content.company_id, kMaxIdBytes);
  check.OptionalText("personId", content.person_id, kMaxIdBytes);
}

void CheckChange(const CallChange& change, RequestCheck& check) {
  if (!change.duration.has_value() || !change.duration->has_value()) return;
  const std::chrono::seconds duration = **change.duration;
  if (duration.count() < 0 || duration > kMaxCallDuration) {
    check.Add("durationSeconds", "OUT_OF_RANGE", "must be 0 to 604800");
  }
}

}  // namespace

absl::StatusOr<Call> Calls::Create(const UserKey& owner, const std::string& request_id,
                                   const CallContent& content, const CallScope& scope) {
  RequestCheck check;
  check.Owner(owner);
  check.Uuid("requestId", request_id);
  CheckContent(content, check);
  SHODAN_RETURN_IF_ERROR(check.Finish());
  constexpr std::string_view kMethod = "CreateCall";
  const IdempotentRequest request{
      .owner = owner,
      .caller = scope.actor.caller,
      .request_id = request_id,
      .method = kMethod,
      .fingerprint =
          FingerprintOf(kMethod, {content.number, content.input_number, content.region_code,
                                  content.company_id, content.person_id})};
  return store_.Create(content, request, scope.deadline);
}

absl::StatusOr<Call> Calls::Get(const UserKey& owner, const std::string& call_id,
                                const CallScope& scope) {
  SHODAN_RETURN_IF_ERROR(CheckName(owner, call_id));
  return store_.Get(owner, call_id, scope.deadline);
}

absl::StatusOr<Page<Call>> Calls::List(const UserKey& owner, const CallFilter& filter,
                                       const PageRequest& page, const CallScope& scope) {
  RequestCheck check;
  check.Owner(owner);
  check.OptionalText("companyId", filter.company_id, kMaxIdBytes);
  check.OptionalText("personId", filter.person_id, kMaxIdBytes);
  const std::string list = ListName("calls", owner, {filter.company_id, filter.person_id});
  const PageQuery query = CheckPage(page, list, check);
  SHODAN_RETURN_IF_ERROR(check.Finish());
  SHODAN_ASSIGN_OR_RETURN(std::vector<Call> stored,
                          store_.List(owner, filter, query, scope.deadline));
  return MakePage(std::move(stored), query.size, &Call::call_id, list);
}

absl::StatusOr<Call> Calls::Update(const UserKey& owner, const std::string& call_id,
                                   const CallChange& change, const std::string& etag,
                                   RequestCheck check, const CallScope& scope) {
  check.Owner(owner);
  check.Uuid("callId", call_id);
  check.Etag(etag);
  CheckChange(change, check);
  SHODAN_RETURN_IF_ERROR(check.Finish());
  return store_.Update(owner, call_id, change, etag, scope.deadline);
}

absl::Status Calls::Delete(const UserKey& owner, const std::string& call_id,
                           const CallScope& scope) {
  SHODAN_RETURN_IF_ERROR(CheckName(owner, call_id));
  return store_.Delete(owner, call_id, scope.deadline);
}

}  // namespace shodan::account_link
