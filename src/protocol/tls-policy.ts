// SPDX-License-Identifier: Apache-2.0

/**
 * What TLS towards a receiver must be. `opportunistic`: STARTTLS where it is offered, whatever the certificate, and in the clear where it
 * does not work. `require`: no session without. `verify`: nor with a certificate that is not good. `none`: STARTTLS is not said.
 */
export type TlsPolicy = 'none' | 'opportunistic' | 'require' | 'verify'
