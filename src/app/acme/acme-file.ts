// SPDX-License-Identifier: Apache-2.0
/** Where a certificate of an authority lies, its key and chain in one file, so that both change at once. */
import { join } from 'node:path'

export function acmeCertificateFile(dataDir: string): string {
  return join(dataDir, 'acme', 'certificate.pem')
}
