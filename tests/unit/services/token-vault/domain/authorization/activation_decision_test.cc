// SPDX-License-Identifier: Apache-2.0
#include "services/token-vault/domain/authorization/activation_decision.h"

#include <optional>

#include <catch2/catch.hpp>

namespace shodan::tokenvault {
namespace {

using Verdict = ActivationVerdict;

Time At(int seconds) { return Time(std::chrono::seconds(seconds)); }
LiveInterval From(int sent, int stored) { return {At(sent), At(stored)}; }

IdentityTags TagsOf(const std::string& person) {
  IdentityTags tags;
  tags.identity = "identity of " + person;
  return tags;
}

ActivationRequest Request() {
  ActivationRequest request;
  request.attempt_id = "attempt";
  request.link_id = "link";
  request.project_id = "demo";
  request.user_id = "hanako";
  request.expected_generation = 3;
  return request;
}

// A grant that was sent at 100 and stored at 110, of a user without any link.
ActivationFacts Facts() {
  ActivationFacts facts;
  facts.pending.emplace();
  facts.pending->attempt_id = "attempt";
  facts.pending->project_id = "demo";
  facts.pending->user_id = "hanako";
  facts.pending->tags = TagsOf("zoe");
  facts.pending->live = From(100, 110);
  facts.own.link_id = "link";
  facts.own.generation = 3;
  facts.own.state = GrantState::kNone;
  return facts;
}

void HoldElsewhere(ActivationFacts& facts, LiveInterval live) {
  facts.other.emplace();
  facts.other->link_id = "other";
  facts.other->state = GrantState::kActive;
  facts.other_live = live;
}

void HoldOwn(ActivationFacts& facts, const std::string& person, LiveInterval live,
             GrantState state = GrantState::kActive) {
  facts.own.state = state;
  facts.own_identity = TagsOf(person);
  facts.own_live = live;
}

Verdict Decide(const ActivationFacts& facts) { return DecideActivation(Request(), facts); }

TEST_CASE("A grant of somebody whom nobody has connected becomes the link's") {
  CHECK(Decide(Facts()) == Verdict::kProceed);
}

TEST_CASE("A pending grant is the one that was asked for, of the same user and project") {
  ActivationFacts facts = Facts();
  facts.pending->user_id = "taro";
  CHECK(Decide(facts) == Verdict::kMissing);
  facts = Facts();
  facts.pending->project_id = "demo2";
  CHECK(Decide(facts) == Verdict::kMissing);
  facts.pending.reset();
  CHECK(Decide(facts) == Verdict::kMissing);
}

TEST_CASE("Until it is known whose a grant is it waits") {
  ActivationFacts facts = Facts();
  facts.pending->tags.reset();
  facts.own.generation = 99;

  CHECK(Decide(facts) == Verdict::kUnidentified);
}

TEST_CASE("A link that is being disconnected takes no grant, whatever was decided before") {
  ActivationFacts facts = Facts();
  facts.own.state = GrantState::kDisconnecting;
  CHECK(Decide(facts) == Verdict::kDisconnecting);
  facts.own.generation = 4;
  CHECK(Decide(facts) == Verdict::kDisconnecting);
}

TEST_CASE("A decision about another generation must be made again") {
  for (const int64_t generation : {0, 2, 4}) {
    ActivationFacts facts = Facts();
    facts.own.generation = generation;
    CHECK(Decide(facts) == Verdict::kGenerationMismatch);
  }
}

TEST_CASE("While another call asks Zoom about the grant nobody activates its old tokens") {
  ActivationFacts facts = Facts();
  facts.pending->being_proved = true;

  CHECK(Decide(facts) == Verdict::kBeingProved);
}

struct Order {
  const char* name;
  LiveInterval holder;
  std::optional<int> proved_at;
  Verdict verdict;
};

// The candidate was sent at 100 and stored at 110, or proved later.
const Order kOrders[] = {
    {"long before", From(10, 20), std::nullopt, Verdict::kProceed},
    {"just before", From(90, 99), std::nullopt, Verdict::kProceed},
    {"stored when the candidate was sent", From(90, 100), std::nullopt, Verdict::kNeedsProof},
    {"stored while the candidate was under way", From(90, 105), std::nullopt, Verdict::kNeedsProof},
    {"around the candidate", From(90, 120), std::nullopt, Verdict::kNeedsProof},
    {"the same times", From(100, 110), std::nullopt, Verdict::kNeedsProof},
    {"within the candidate", From(102, 108), std::nullopt, Verdict::kNeedsProof},
    {"sent while the candidate was under way", From(105, 120), std::nullopt, Verdict::kNeedsProof},
    {"sent when the candidate was stored", From(110, 120), std::nullopt, Verdict::kNeedsProof},
    {"just after", From(111, 120), std::nullopt, Verdict::kDead},
    {"long after", From(500, 510), std::nullopt, Verdict::kDead},
    {"overlapping, and the candidate proved before that", From(90, 105), 104, Verdict::kNeedsProof},
    {"overlapping, and the candidate proved at its end", From(90, 105), 105, Verdict::kNeedsProof},
    {"overlapping, and the candidate proved after that", From(90, 105), 106, Verdict::kProceed},
};

TEST_CASE("Of two grants of one Zoom user the one sent after the other was stored wins") {
  for (const Order& order : kOrders) {
    CAPTURE(order.name);
    ActivationFacts elsewhere = Facts();
    HoldElsewhere(elsewhere, order.holder);
    ActivationFacts own = Facts();
    HoldOwn(own, "zoe", order.holder);
    for (ActivationFacts* facts : {&elsewhere, &own}) {
      if (order.proved_at.has_value()) facts->pending->proved_at = At(*order.proved_at);

      CHECK(Decide(*facts) == order.verdict);
    }
  }
}

TEST_CASE("A proof moves the candidate's own interval: what it overtook is replaced") {
  ActivationFacts facts = Facts();
  HoldElsewhere(facts, From(90, 105));
  facts.pending->live = From(120, 125);
  facts.pending->proved_at = At(120);

  CHECK(Decide(facts) == Verdict::kProceed);
}

TEST_CASE("A link without live tokens does not stand in the way") {
  ActivationFacts elsewhere = Facts();
  HoldElsewhere(elsewhere, From(500, 510));
  elsewhere.other->state = GrantState::kReconnectRequired;
  elsewhere.other_live.reset();
  CHECK(Decide(elsewhere) == Verdict::kProceed);

  ActivationFacts own = Facts();
  HoldOwn(own, "zoe", From(500, 510), GrantState::kReconnectRequired);
  CHECK(Decide(own) == Verdict::kProceed);
}

TEST_CASE("A grant of another Zoom user in the own link says nothing about this one") {
  ActivationFacts facts = Facts();
  HoldOwn(facts, "yuki", From(500, 510));

  CHECK(Decide(facts) == Verdict::kProceed);
}

struct Revoked {
  const char* name;
  std::optional<int> ended_at;
  std::optional<int> proved_at;
  Verdict verdict;
};

const Revoked kRevoked[] = {
    {"none", std::nullopt, std::nullopt, Verdict::kProceed},
    {"before the grant was sent", 99, std::nullopt, Verdict::kProceed},
    {"when the grant was sent", 100, std::nullopt, Verdict::kNeedsProof},
    {"while the grant was under way", 105, std::nullopt, Verdict::kNeedsProof},
    {"after the grant was stored", 200, std::nullopt, Verdict::kNeedsProof},
    {"after, and the grant proved before", 200, 150, Verdict::kNeedsProof},
    {"after, and the grant proved at that time", 200, 200, Verdict::kNeedsProof},
    {"after, and the grant proved since", 200, 201, Verdict::kProceed},
};

TEST_CASE("A grant that may have been revoked with an earlier one is proved first") {
  for (const Revoked& revoked : kRevoked) {
    CAPTURE(revoked.name);
    ActivationFacts facts = Facts();
    if (revoked.ended_at.has_value()) facts.revocation_ended_at = At(*revoked.ended_at);
    if (revoked.proved_at.has_value()) facts.pending->proved_at = At(*revoked.proved_at);

    CHECK(Decide(facts) == revoked.verdict);
  }
}

TEST_CASE("While Zoom may be revoking, nothing can be proved: the activation waits") {
  ActivationFacts facts = Facts();
  facts.revocation_under_way = true;
  facts.pending->proved_at = At(1'000);

  CHECK(Decide(facts) == Verdict::kRevocationUnderWay);
}

TEST_CASE("A dead candidate is not saved by a proof against a revocation") {
  ActivationFacts facts = Facts();
  facts.revocation_ended_at = At(105);
  facts.pending->proved_at = At(106);
  HoldElsewhere(facts, From(200, 210));

  CHECK(Decide(facts) == Verdict::kDead);
}

TEST_CASE("An import never ends another link that holds the Zoom user") {
  ActivationFacts facts = Facts();
  HoldElsewhere(facts, From(10, 20));
  CHECK(DecideActivation(Request(), facts) == Verdict::kProceed);
  facts.may_take_over = false;
  CHECK(DecideActivation(Request(), facts) == Verdict::kHeldElsewhere);
  facts.other.reset();
  facts.other_live.reset();
  CHECK(DecideActivation(Request(), facts) == Verdict::kProceed);
}

}  // namespace
}  // namespace shodan::tokenvault
