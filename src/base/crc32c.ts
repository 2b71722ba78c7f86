// SPDX-License-Identifier: Apache-2.0
/** CRC-32C (Castagnoli, RFC 3720 §B.4), which zlib does not have. For short inputs. */

const POLYNOMIAL = 0x82f63b78

export function crc32c(octets: Uint8Array): number {
  let crc = 0xffffffff
  for (const octet of octets) {
    crc ^= octet
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0)
  }
  return ~crc >>> 0
}
