// SPDX-License-Identifier: Apache-2.0
/** What was wrong stays so while nobody answers: silence settles nothing. */
import type { Finding, ListFinding, SourceFindings } from '../../records/source-checkup.ts'

export function keptWhereSilent(
  found: SourceFindings,
  before: SourceFindings | null,
): SourceFindings {
  if (before === null) return found
  return {
    address: kept(found.address, before.address),
    reverse: kept(found.reverse, before.reverse),
    ehlo: kept(found.ehlo, before.ehlo),
    lists: found.lists.map((list) => keptList(list, before.lists)),
  }
}

function kept(found: Finding, before: Finding): Finding {
  return found.state === 'unknown' && before.state === 'wrong' ? before : found
}

/** One that refuses us is taken at its word: it says nothing of the source any more. */
function keptList(found: ListFinding, before: readonly ListFinding[]): ListFinding {
  if (found.state !== 'unanswered') return found
  const known = before.find(({ list, state }) => list === found.list && state === 'listed')
  return known ?? found
}
