// SPDX-License-Identifier: Apache-2.0
#include "libs/audit/sealer.h"

#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/crypto/digest.h"

namespace shodan::audit {
namespace {

namespace json = boost::json;
using postgres::Params;
using postgres::Result;
using postgres::Session;

// Any constant that no other advisory lock of these databases uses.
constexpr int64_t kSealingLock = 7'002;

constexpr std::string_view kTryLock = "SELECT pg_try_advisory_xact_lock($1) AS locked";
constexpr std::string_view kNow =
    "SELECT (extract(epoch FROM now()) * 1000000)::bigint AS now_us,"
    " coalesce((SELECT max(seal_id) FROM audit_seals), 0) AS last_seal_id,"
    " coalesce((SELECT mac FROM audit_seals ORDER BY seal_id DESC LIMIT 1), '') AS last_mac";
constexpr std::string_view kGrown =
    "SELECT chain_id, sealed_position + 1 AS first_position, last_position, last_hash"
    " FROM audit_chains WHERE last_position > sealed_position ORDER BY chain_id LIMIT $1";
constexpr std::string_view kInsertSeal =
    "INSERT INTO audit_seals"
    " (seal_id, sealed_at, chain_count, row_count, root, previous_mac, key_id, mac)"
    " VALUES ($1, now(), $2, $3, $4, $5, $6, $7)";
constexpr std::string_view kInsertChains =
    "INSERT INTO audit_sealed_chains (chain_id, first_position, last_position, hash, seal_id)"
    " SELECT chain_id, first_position, last_position, decode(hash, 'hex'), $2"
    " FROM jsonb_to_recordset($1::jsonb)"
    " AS chain (chain_id text, first_position bigint, last_position bigint, hash text)";
// A chain that somebody appends to at this moment is left: it is sealed again with the new record.
constexpr std::string_view kMarkSealed =
    "UPDATE audit_chains c SET sealed_position = s.last_position FROM audit_sealed_chains s"
    " WHERE s.seal_id = $1 AND c.chain_id IN (SELECT g.chain_id FROM audit_chains g"
    " JOIN audit_sealed_chains m ON m.chain_id = g.chain_id AND m.seal_id = $1"
    " FOR UPDATE OF g SKIP LOCKED) AND s.chain_id = c.chain_id";

struct GrownChain {
  std::string chain_id;
  int64_t first_position = 0;
  int64_t last_position = 0;
  std::string hash;
};

std::vector<GrownChain> ReadGrown(const Result& rows) {
  std::vector<GrownChain> chains;
  for (int i = 0; i < rows.size(); ++i) {
    chains.push_back({rows[i].Text("chain_id"), rows[i].Int("first_position"),
                      rows[i].Int("last_position"), rows[i].Bytes("last_hash")});
  }
  return chains;
}

std::string RootOf(const std::vector<GrownChain>& chains) {
  std::string encoded;
  for (const GrownChain& chain : chains) {
    encoded += LengthPrefixed({chain.chain_id, std::to_string(chain.first_position),
                               std::to_string(chain.last_position), chain.hash});
  }
  return Sha256(encoded);
}

std::string ToJson(const std::vector<GrownChain>& chains) {
  json::array rows;
  for (const GrownChain& chain : chains) {
    const std::string hash = HexEncode(chain.hash);
    rows.push_back({{"chain_id", json::string(chain.chain_id.data(), chain.chain_id.size())},
                    {"first_position", chain.first_position},
                    {"last_position", chain.last_position},
                    {"hash", json::string(hash.data(), hash.size())}});
  }
  return json::serialize(rows);
}

}  // namespace

Sealer::Sealer(postgres::Pool& pool, Secret key, int max_chains)
    : pool_(pool),
      key_(std::move(key)),
      key_id_(HexEncode(HmacSha256(key_, "shodan.audit.seal.key").substr(0, 8))),
      max_chains_(max_chains) {}

absl::StatusOr<Seal> Sealer::SealOnce(Deadline deadline) const {
  Seal seal;
  SHODAN_RETURN_IF_ERROR(pool_.InTransaction(deadline, [&](Session& session) {
    seal = Seal();
    return SealIn(session, seal);
  }));
  return seal;
}

absl::Status Sealer::SealIn(Session& session, Seal& seal) const {
  SHODAN_ASSIGN_OR_RETURN(const Result locked,
                          session.Execute(kTryLock, Params().Int(kSealingLock)));
  if (!locked[0].Bool("locked")) return absl::OkStatus();
  // In statements of their own, which see what the holder of the lock before this one committed.
  SHODAN_ASSIGN_OR_RETURN(const Result grown, session.Execute(kGrown, Params().Int(max_chains_)));
  if (grown.empty()) return absl::OkStatus();
  SHODAN_ASSIGN_OR_RETURN(const Result now, session.Execute(kNow));
  const std::vector<GrownChain> chains = ReadGrown(grown);
  const std::string previous_mac = now[0].Bytes("last_mac");
  const std::string root = RootOf(chains);
  seal.seal_id = now[0].Int("last_seal_id") + 1;
  seal.chains = static_cast<int64_t>(chains.size());
  seal.more = seal.chains == max_chains_;
  for (const GrownChain& chain : chains) {
    seal.rows += chain.last_position - chain.first_position + 1;
  }
  seal.mac = HmacSha256(key_, LengthPrefixed({"shodan.audit.seal.1", std::to_string(seal.seal_id),
                                              std::to_string(now[0].Int("now_us")), key_id_,
                                              std::to_string(seal.chains),
                                              std::to_string(seal.rows), previous_mac, root}));
  SHODAN_RETURN_IF_ERROR(session
                             .Execute(kInsertSeal, Params()
                                                       .Int(seal.seal_id)
                                                       .Int(seal.chains)
                                                       .Int(seal.rows)
                                                       .Bytes(root)
                                                       .Bytes(previous_mac)
                                                       .Text(key_id_)
                                                       .Bytes(seal.mac))
                             .status());
  SHODAN_RETURN_IF_ERROR(
      session.Execute(kInsertChains, Params().Text(ToJson(chains)).Int(seal.seal_id)).status());
  return session.Execute(kMarkSealed, Params().Int(seal.seal_id)).status();
}

}  // namespace shodan::audit
