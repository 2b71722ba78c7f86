// SPDX-License-Identifier: Apache-2.0
/** From MX records to hosts in order, and to the name of the site that they make. RFC 5321 §5.1, RFC 7505. */
import type { Brand } from '../base/brand.ts'

/**
 * Shared by all domains whose MX sets are the same, e.g. `mx.example.net` or `(mx1|mx2).example.net`; built without loss, so two sets never share one.
 */
export type SiteName = Brand<string, 'SiteName'>
