// SPDX-License-Identifier: Apache-2.0
/** Made apart from the sink: its library takes longer to load than a sink does. */
import { makeCertificate } from '../../src/app/self-signed-certificate.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { SystemRandom } from '../../src/base/random.ts'

/** For every sink that is to offer STARTTLS. */
export const sinkCertificate = await makeCertificate(
  { commonName: 'sink.localhost', addresses: ['127.0.0.1'] },
  new SystemClock(),
  new SystemRandom(),
)
