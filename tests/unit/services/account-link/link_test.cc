// SPDX-License-Identifier: Apache-2.0
#include "services/account-link/domain/link.h"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

namespace shodan::account_link {
namespace {

Time At(int seconds) { return Time(std::chrono::seconds(1'000'000 + seconds)); }

Link ALink(LinkState state, int64_t generation) {
  Link link;
  link.owner = {"demo", "aiko"};
  link.link_id = "6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e";
  link.state = state;
  link.generation = generation;
  link.vault_event_id = 10;
  link.update_time = At(0);
  return link;
}

GrantEvent AnEvent(int64_t event_id, int64_t generation, LinkState state,
                   LinkCause cause = LinkCause::kUnspecified) {
  GrantEvent event;
  event.event_id = event_id;
  event.link_id = "6f1f0b5e-8a47-4f2e-9c53-0d5d6a4b1c2e";
  event.owner = {"demo", "aiko"};
  event.generation = generation;
  event.state = state;
  event.cause = cause;
  event.create_time = At(60);
  return event;
}

Erasure AnErasure(LinkState state, int64_t generation) {
  Erasure erasure;
  erasure.state = state;
  erasure.generation = generation;
  erasure.start_time = At(20);
  if (state == LinkState::kNone) erasure.end_time = At(21);
  erasure.revoked_at_zoom = state == LinkState::kNone;
  return erasure;
}

}  // namespace

TEST_CASE("states and causes keep their stored names", "[account-link][link]") {
  CHECK(ToText(LinkState::kNone) == "none");
  CHECK(ToText(LinkState::kActive) == "active");
  CHECK(ToText(LinkState::kReconnectRequired) == "reconnect_required");
  CHECK(ToText(LinkState::kDisconnecting) == "disconnecting");
  CHECK(ToText(LinkCause::kUnspecified).empty());
  CHECK(ToText(LinkCause::kLostResponse) == "lost_response");
  CHECK(ToText(LinkCause::kRevoked) == "revoked");
  CHECK(ToText(LinkCause::kAccountInactive) == "account_inactive");
  CHECK(ToText(LinkCause::kReauthorizedElsewhere) == "reauthorized_elsewhere");
  CHECK(ToText(LinkCause::kExpired) == "expired");
  CHECK(ToText(LinkCause::kTakenOver) == "taken_over");
  CHECK(ToText(LinkCause::kDisconnected) == "disconnected");
  CHECK(ToText(LinkCause::kDisconnectedByAdmin) == "disconnected_by_admin");
  CHECK(ToText(LinkCause::kAppReplaced) == "app_replaced");
  CHECK(ParseLinkState("disconnecting") == LinkState::kDisconnecting);
  CHECK(ParseLinkCause("expired") == LinkCause::kExpired);
  CHECK_FALSE(ParseLinkState("Active").has_value());
  CHECK_FALSE(ParseLinkCause("unknown").has_value());
}

TEST_CASE("an activation of a later generation connects the link", "[account-link][link]") {
  Link link = ALink(LinkState::kNone, 4);
  link.cause = LinkCause::kDisconnected;
  link.disconnect_start_time = At(1);
  link.disconnect_end_time = At(2);
  link.revoked_at_zoom = true;

  CHECK(Activate(link, 5, At(9)));

  CHECK(link.state == LinkState::kActive);
  CHECK(link.cause == LinkCause::kUnspecified);
  CHECK(link.generation == 5);
  CHECK(link.connect_time == At(9));
  CHECK(link.update_time == At(9));
  CHECK_FALSE(link.disconnect_start_time.has_value());
  CHECK_FALSE(link.disconnect_end_time.has_value());
  CHECK_FALSE(link.revoked_at_zoom.has_value());
}

TEST_CASE("an answer about a generation that the link has reached changes nothing",
          "[account-link][link]") {
  for (const int64_t generation : {3, 4}) {
    Link link = ALink(LinkState::kNone, 4);
    const Link before = link;
    CHECK_FALSE(Activate(link, generation, At(9)));
    CHECK_FALSE(EndTakenOver(link, generation, At(9)));
    CHECK(link == before);
  }
  Link link = ALink(LinkState::kActive, 4);
  const Link before = link;
  CHECK_FALSE(RecordErasure(link, AnErasure(LinkState::kNone, 3), LinkCause::kDisconnected, At(9)));
  CHECK(link == before);
}

TEST_CASE("an activation leaves a link that is being disconnected so", "[account-link][link]") {
  Link link = ALink(LinkState::kDisconnecting, 4);
  link.cause = LinkCause::kDisconnected;

  CHECK(Activate(link, 5, At(9)));

  CHECK(link.state == LinkState::kDisconnecting);
  CHECK(link.cause == LinkCause::kDisconnected);
  CHECK(link.generation == 5);
}

TEST_CASE("a taken-over link is none, with the time and no revocation", "[account-link][link]") {
  Link link = ALink(LinkState::kActive, 4);
  link.connect_time = At(1);

  CHECK(EndTakenOver(link, 5, At(9)));

  CHECK(link.state == LinkState::kNone);
  CHECK(link.cause == LinkCause::kTakenOver);
  CHECK_FALSE(link.connect_time.has_value());
  CHECK(link.disconnect_end_time == At(9));
  CHECK(link.revoked_at_zoom == false);
}

TEST_CASE("only a connected link begins to disconnect", "[account-link][link]") {
  for (const LinkState state : {LinkState::kActive, LinkState::kReconnectRequired}) {
    Link link = ALink(state, 4);
    CHECK(BeginDisconnect(link, LinkCause::kDisconnectedByAdmin, At(9)));
    CHECK(link.state == LinkState::kDisconnecting);
    CHECK(link.cause == LinkCause::kDisconnectedByAdmin);
    CHECK(link.generation == 4);
    CHECK(link.disconnect_start_time == At(9));
  }
  for (const LinkState state : {LinkState::kNone, LinkState::kDisconnecting}) {
    Link link = ALink(state, 4);
    const Link before = link;
    CHECK_FALSE(BeginDisconnect(link, LinkCause::kDisconnected, At(9)));
    CHECK(link == before);
  }
}

TEST_CASE("an erasure that goes on keeps the link disconnecting in the new generation",
          "[account-link][link]") {
  Link link = ALink(LinkState::kDisconnecting, 4);

  CHECK(RecordErasure(link, AnErasure(LinkState::kDisconnecting, 5), LinkCause::kDisconnected,
                      At(9)));

  CHECK(link.state == LinkState::kDisconnecting);
  CHECK(link.generation == 5);
  CHECK(ReceiptOf(link) == DisconnectReceipt{link.link_id, 5, At(20), std::nullopt, false});
}

TEST_CASE("a finished erasure ends the link with its receipt", "[account-link][link]") {
  Link link = ALink(LinkState::kDisconnecting, 4);

  CHECK(RecordErasure(link, AnErasure(LinkState::kNone, 5), LinkCause::kDisconnected, At(30)));

  CHECK(link.state == LinkState::kNone);
  CHECK(link.cause == LinkCause::kDisconnected);
  CHECK(ReceiptOf(link) == DisconnectReceipt{link.link_id, 5, At(20), At(21), true});
}

TEST_CASE("an erasure's receipt completes what an event told before", "[account-link][link]") {
  Link link = ALink(LinkState::kDisconnecting, 4);
  REQUIRE(ApplyEvent(link, AnEvent(11, 5, LinkState::kDisconnecting, LinkCause::kDisconnected)));
  REQUIRE(ApplyEvent(link, AnEvent(12, 5, LinkState::kNone, LinkCause::kDisconnected)));
  CHECK_FALSE(link.revoked_at_zoom.has_value());

  CHECK_FALSE(RecordErasure(link, AnErasure(LinkState::kDisconnecting, 5), LinkCause::kDisconnected,
                            At(70)));
  CHECK(link.state == LinkState::kNone);
  Erasure wiped = AnErasure(LinkState::kNone, 5);
  wiped.backups_unreadable_time = At(99);
  CHECK(RecordErasure(link, wiped, LinkCause::kDisconnected, At(70)));
  CHECK(link.revoked_at_zoom == true);
  CHECK(ReceiptOf(link).backups_unreadable_time == At(99));
  CHECK(link.disconnect_end_time == At(21));
}

TEST_CASE("a new life has nothing of the receipt of the one before", "[account-link][link]") {
  Link link = ALink(LinkState::kDisconnecting, 4);
  Erasure wiped = AnErasure(LinkState::kNone, 5);
  wiped.backups_unreadable_time = At(99);
  REQUIRE(RecordErasure(link, wiped, LinkCause::kDisconnected, At(30)));

  REQUIRE(Activate(link, 6, At(71)));

  CHECK_FALSE(link.backups_unreadable_time.has_value());
  CHECK_FALSE(link.revoked_at_zoom.has_value());
}

TEST_CASE("an event is applied when its position is later and its generation is not older",
          "[account-link][link]") {
  struct Row {
    int64_t event_id;
    int64_t generation;
    LinkState state;
    LinkState expected;
  };
  const Row rows[] = {
      {10, 9, LinkState::kNone, LinkState::kActive},  // seen before
      {9, 9, LinkState::kNone, LinkState::kActive},   // before what was seen
      {11, 3, LinkState::kNone, LinkState::kActive},  // an earlier life
      {11, 4, LinkState::kReconnectRequired, LinkState::kReconnectRequired},
      {11, 5, LinkState::kDisconnecting, LinkState::kDisconnecting},
      {11, 5, LinkState::kNone, LinkState::kNone},
      {11, 5, LinkState::kActive, LinkState::kActive},
  };
  for (const Row& row : rows) {
    Link link = ALink(LinkState::kActive, 4);
    ApplyEvent(link, AnEvent(row.event_id, row.generation, row.state, LinkCause::kRevoked));
    INFO(row.event_id << " " << row.generation << " " << ToText(row.state));
    CHECK(link.state == row.expected);
    CHECK(link.vault_event_id == std::max<int64_t>(10, row.event_id));
  }
}

TEST_CASE("an event of an earlier life moves the position and nothing else",
          "[account-link][link]") {
  Link link = ALink(LinkState::kActive, 4);
  Link expected = link;
  expected.vault_event_id = 11;

  CHECK(ApplyEvent(link, AnEvent(11, 3, LinkState::kNone, LinkCause::kDisconnected)));

  CHECK(link == expected);
}

TEST_CASE("within one generation a link never comes back to life", "[account-link][link]") {
  for (const LinkState own : {LinkState::kDisconnecting, LinkState::kNone}) {
    for (const LinkState told : {LinkState::kActive, LinkState::kReconnectRequired}) {
      Link link = ALink(own, 4);
      ApplyEvent(link, AnEvent(11, 4, told, LinkCause::kRevoked));
      CHECK(link.state == own);
    }
  }
  Link link = ALink(LinkState::kNone, 4);
  ApplyEvent(link, AnEvent(11, 4, LinkState::kDisconnecting, LinkCause::kDisconnected));
  CHECK(link.state == LinkState::kNone);
}

TEST_CASE("an event of a later activation does not undo a wish to disconnect",
          "[account-link][link]") {
  Link link = ALink(LinkState::kDisconnecting, 4);
  link.cause = LinkCause::kDisconnected;

  CHECK(ApplyEvent(link, AnEvent(11, 5, LinkState::kActive)));

  CHECK(link.state == LinkState::kDisconnecting);
  CHECK(link.cause == LinkCause::kDisconnected);
  CHECK(link.generation == 5);
}

TEST_CASE("a late answer makes the same life active again and keeps its beginning",
          "[account-link][link]") {
  Link link = ALink(LinkState::kActive, 4);
  link.connect_time = At(1);
  ApplyEvent(link, AnEvent(11, 4, LinkState::kReconnectRequired, LinkCause::kLostResponse));
  CHECK(link.cause == LinkCause::kLostResponse);

  ApplyEvent(link, AnEvent(12, 4, LinkState::kActive));

  CHECK(link.state == LinkState::kActive);
  CHECK(link.cause == LinkCause::kUnspecified);
  CHECK(link.connect_time == At(1));
}

TEST_CASE("an event that only confirms what is known is no change", "[account-link][link]") {
  Link link = ALink(LinkState::kActive, 4);
  link.connect_time = At(1);
  Link expected = link;
  expected.vault_event_id = 11;

  CHECK(ApplyEvent(link, AnEvent(11, 4, LinkState::kActive)));

  CHECK(link == expected);
}

}  // namespace shodan::account_link
