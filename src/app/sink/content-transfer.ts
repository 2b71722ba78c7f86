// SPDX-License-Identifier: Apache-2.0
/** Content on its way from a connection into a transaction, by DATA (RFC 5321 §4.1.1.4) or BDAT (RFC 3030). */
import { DotReader } from './dot-reader.ts'
import type { SinkConnection } from './sink-connection.ts'
import type { SinkTransaction } from './sink-transaction.ts'

const PIECE_OCTETS = 65_536

/** Up to the lone dot. `false` where the peer went away, or it is us who will. */
export async function receiveData(
  connection: SinkConnection,
  transaction: SinkTransaction,
): Promise<boolean> {
  const reader = new DotReader((slice) => transaction.content.add(slice))
  for (;;) {
    const piece = await connection.some(PIECE_OCTETS)
    if (piece === null || transaction.has('drop-in-data')) return false
    const used = reader.feed(piece)
    transaction.hasBareLineEnd = reader.hasBareLineEnd
    if (used === null) continue
    connection.unread(piece.subarray(used))
    return true
  }
}

/** So many octets, which are thrown away where there is no transaction. `false` as above. */
export async function receiveBdat(
  connection: SinkConnection,
  transaction: SinkTransaction | null,
  octets: number,
): Promise<boolean> {
  if (transaction) transaction.isReceiving = true
  for (let left = octets; left > 0; ) {
    const piece = await connection.some(Math.min(left, PIECE_OCTETS))
    if (piece === null || transaction?.has('drop-in-data')) return false
    transaction?.content.add(piece)
    left -= piece.length
  }
  return true
}
