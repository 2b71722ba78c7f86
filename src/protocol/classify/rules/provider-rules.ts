// SPDX-License-Identifier: Apache-2.0
/** Codes that one provider made up. Each is distinct enough to be believed without knowing who speaks, unless it names `providers`. */
import type { PhraseRule } from '../rule.ts'

export const providerRules: readonly PhraseRule[] = [
  // Google: the `p=` of its help links is the code. https://support.google.com/a/answer/3726730
  { name: 'google-no-such-user', class: 'no-such-mailbox', says: ['p=nosuchuser', 'p=badrcptto'] },
  { name: 'google-disabled-user', class: 'mailbox-disabled', says: ['p=disableduser'] },
  {
    name: 'google-over-quota',
    class: 'mailbox-full',
    says: ['p=overquota', 'p=overquotatemp', 'p=overquotaperm'],
  },
  {
    name: 'google-receiving-rate',
    class: 'mailbox-busy',
    says: [
      'p=receivingrate',
      'p=receivingrateperm',
      'is receiving mail at a rate',
      'is receiving mail too quickly',
    ],
  },
  {
    name: 'google-unauthenticated',
    class: 'unauthenticated',
    says: ['p=dmarc*', 'p=unauthenticated*', 'p=ipv6autherror'],
  },
  {
    name: 'google-unsolicited-rate',
    class: 'bad-reputation',
    says: ['p=unsolicitedratelimiterror', 'p=unsolicitediperror'],
  },
  {
    name: 'google-unsolicited-message',
    class: 'spam',
    says: ['p=unsolicitedmessageerror', 'p=unsolicitedcontenterror'],
  },
  {
    name: 'google-blocked-content',
    class: 'dangerous-content',
    says: ['p=blockedmessage + attachment'],
  },
  {
    name: 'google-blocked-message',
    class: 'malformed-message',
    says: ['p=blockedmessage', 'p=rfcmessagenoncompliant'],
  },
  { name: 'google-mail-loop', class: 'mail-loop', says: ['p=mailloop'] },
  { name: 'google-alias-refused', class: 'sender-refused', says: ['p=customfromdenied'] },
  {
    name: 'google-same-message-id',
    class: 'policy',
    says: ['its quota for sending messages with the same message-id'],
  },
  { name: 'google-null-mx', class: 'accepts-no-mail', says: ['dns error + null mx'] },
  // A report of Google with the answer that its resolver got: one answer at one moment.
  { name: 'google-dns-error', class: 'dns-failure', says: ['dns error:'] },
  // The help of Google Groups stands in its reports in every language: a group that is not there, or not open to the sender.
  {
    name: 'google-groups',
    class: 'closed-recipient',
    says: ['groups.google.com/support*', 'support.google.com/groups*', 'your email to group'],
  },
  // Addresses that their network says send no mail. https://support.google.com/mail/?p=NotAuthorizedError
  {
    name: 'google-not-authorized',
    class: 'source-refused',
    says: ['p=notauthorizederror', 'not authorized to send email directly to our servers'],
  },
  { name: 'google-closing', class: 'source-refused', says: ['again later, closing connection'] },
  // Yahoo and AOL. https://senders.yahooinc.com/smtp-error-codes/
  {
    name: 'yahoo-deferred',
    class: 'bad-reputation',
    says: ['[ts0*', '[tss0*', '[tss1*', '[ipts0*'],
  },
  { name: 'yahoo-listed', class: 'listed-source', says: ['[bl0*', '[bl1*', '[bl2*'] },
  { name: 'yahoo-policy', class: 'policy', says: ['[ph01]', '[ph02]', '[299]', '[cs01]'] },
  { name: 'yahoo-form', class: 'malformed-message', says: ['[291]'] },
  { name: 'yahoo-greylisted', class: 'greylisted', says: ['[gl01]'] },
  { name: 'yahoo-mailbox-disabled', class: 'mailbox-disabled', says: ['(554.30)'] },
  { name: 'yahoo-no-account', class: 'no-such-mailbox', says: ["dd this user doesn't have a"] },
  // Microsoft: Exchange and Exchange Online. https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online
  {
    name: 'exchange-no-such-recipient',
    class: 'no-such-mailbox',
    says: [
      'resolver.adr.recip*',
      'resolver.adr.exrecipnotfound',
      'resolver.adr.badprimary',
      'unknownrecipient',
      'recipient not found by smtp address lookup',
    ],
  },
  {
    name: 'exchange-size',
    class: 'message-too-large',
    says: ['resolver.rst.recipsizelimit*', 'resolver.rst.sendsizelimit*'],
  },
  {
    name: 'exchange-restricted',
    class: 'closed-recipient',
    says: ['resolver.rst.*', 'resolver.grp.*'],
  },
  {
    name: 'exchange-mailbox-full',
    class: 'mailbox-full',
    says: ['storedrv.deliver* + *quota*', 'storedrv.deliver* + mailbox full'],
  },
  {
    name: 'exchange-mailbox-disabled',
    class: 'mailbox-disabled',
    says: ['storedrv.deliver* + *disabled*'],
  },
  {
    name: 'exchange-no-such-domain',
    class: 'no-such-domain',
    says: ['dns.nonexistentdomain', 'smtpsend.dns.nonexistentdomain'],
  },
  {
    name: 'exchange-directory-edge',
    class: 'no-such-mailbox',
    says: [
      'recipient address rejected: access denied. as(*',
      '5.4.1 + recipient address rejected: access denied',
    ],
  },
  { name: 'exchange-attribution', class: 'relay-denied', says: ['tenantattribution*'] },
  { name: 'exchange-outbound-sender', class: 'sender-refused', says: ['bad outbound sender'] },
  {
    name: 'outlook-block-list',
    class: 'listed-source',
    says: [
      '(s3150)',
      '(s3140)',
      '(s3114)',
      'of their network is on our block list',
      '(ou-001)',
      'ou-001',
      'ou-002',
    ],
  },
  {
    name: 'outlook-policy',
    class: 'bad-reputation',
    says: ['sc-001', 'sc-002', 'sc-003', 'sc-004', 'rate limited due to ip reputation'],
  },
  { name: 'outlook-dynamic', class: 'source-refused', says: ['dy-001', 'dy-002'] },
  {
    name: 'outlook-rate',
    class: 'throttled',
    says: ['rp-001', 'rp-002'],
  },
  {
    name: 'outlook-connections',
    class: 'too-many-connections',
    says: [
      'rp-003',
      'has exceeded the maximum number of connections',
      'has exceeded maximum number of messages per connection',
    ],
  },
  {
    name: 'outlook-busy',
    class: 'receiver-trouble',
    says: ['server busy. please try again later from'],
  },
  // Apple. https://support.apple.com/102322
  { name: 'apple-inactive', class: 'no-such-mailbox', says: ['inactive email address'] },
  { name: 'apple-deferred', class: 'throttled', says: ['[hcm1]', '[hc1]'] },
  // Comcast. https://spa.xfinity.com/help/postmaster
  { name: 'comcast-listed', class: 'listed-source', says: ['bl0000*'] },
  { name: 'comcast-rate', class: 'throttled', says: ['rl0000*'] },
  { name: 'comcast-reverse-dns', class: 'reverse-dns', says: ['pt0000*'] },
  { name: 'comcast-authentication', class: 'unauthenticated', says: ['dm0000*'] },
  // Cox, and others behind Cloudmark's gateway. https://www.cox.com/residential/support/email-error-codes.html
  { name: 'cox-listed', class: 'listed-source', says: ['aup#cdrbl', 'aup#rbl', 'aup#*rbl'] },
  {
    name: 'cox-reputation',
    class: 'bad-reputation',
    says: ['aup#cxsndr', 'aup#cxmta', 'aup#sndr'],
  },
  { name: 'cox-rate', class: 'throttled', says: ['aup#cxconn', 'aup#lim*', 'aup#rate'] },
  { name: 'cox-policy', class: 'policy', says: ['aup#*'] },
  // GoDaddy. https://www.godaddy.com/help/fix-rejected-email-with-bounce-error-codes-6103
  { name: 'godaddy-connections', class: 'too-many-connections', says: ['ib007'] },
  {
    name: 'godaddy-listed',
    class: 'listed-source',
    says: ['ib101', 'ib104', 'ib105', 'ib106', 'ib108', 'ib110', 'ib111', 'ib112', 'ib113'],
  },
  { name: 'godaddy-reputation', class: 'bad-reputation', says: ['ib103'] },
  { name: 'godaddy-login', class: 'login-required', says: ['ib401'] },
  { name: 'godaddy-form', class: 'malformed-message', says: ['ib501', 'ib502', 'ib504'] },
  { name: 'godaddy-sender', class: 'sender-refused', says: ['ib505', 'ib506', 'ib507', 'ib508'] },
  {
    name: 'godaddy-rate',
    class: 'throttled',
    says: ['ib510', 'ib601', 'ib602', 'ib603', 'ib604', 'ib605', 'ib606', 'ib607', 'ib608'],
  },
  { name: 'godaddy-content', class: 'spam', says: ['ib701', 'ib702', 'ib703', 'ib704'] },
  { name: 'godaddy-virus', class: 'dangerous-content', says: ['ib705'] },
  // Orange and La Poste. https://messagerie.orange.fr/postmaster.html
  { name: 'orange-connections', class: 'too-many-connections', says: ['ofr*_104', 'lpn*_104'] },
  { name: 'orange-unavailable', class: 'receiver-trouble', says: ['_505'] },
  { name: 'orange-content', class: 'spam', says: ['_506'] },
  { name: 'orange-recipient', class: 'no-such-mailbox', says: ['_415', '_416'] },
  { name: 'orange-mailbox-full', class: 'mailbox-full', says: ['_417'] },
  { name: 'orange-mailbox-closed', class: 'mailbox-disabled', says: ['_418', '_420', '_426'] },
  // Mimecast. https://mimecastsupport.zendesk.com/hc/articles/34000709564691
  {
    name: 'mimecast-greylisted',
    class: 'greylisted',
    says: [
      'mimecast* + internal resource temporarily unavailable',
      'internal resources are temporarily unavailable',
    ],
  },
  { name: 'mimecast-reputation', class: 'bad-reputation', says: ['csi.mimecast.org'] },
  // Proofpoint and Cloudmark name the look-up of their lists.
  {
    name: 'proofpoint-listed',
    class: 'listed-source',
    says: ['ipcheck.proofpoint.com', 'proofpoint.com/dnsbl-lookup*'],
  },
  {
    name: 'cloudmark-reputation',
    class: 'bad-reputation',
    says: ['csi.cloudmark.com', 'cloudmark sender intelligence'],
  },
  // Deutsche Telekom refuses the address of who speaks, and names where to ask. https://postmaster.t-online.de
  {
    name: 'telekom-source',
    class: 'source-refused',
    says: ['a problem occurred + ask your postmaster'],
  },
  // Barracuda's gateways, short for "no such user".
  { name: 'barracuda-no-such-user', class: 'no-such-mailbox', says: ['cuda_nsu'] },
  // Facebook. http://postmaster.facebook.com/response_codes
  { name: 'facebook-recipient', class: 'no-such-mailbox', says: ['rcp-p1', 'rcp-p2'] },
  { name: 'facebook-rate', class: 'throttled', says: ['rcp-t*', 'con-t*', 'msg-t*'] },
  {
    name: 'facebook-source',
    class: 'source-refused',
    says: ['pol-p1', 'pol-p2', 'pol-p5', 'pol-p6', 'pol-p7', 'blk-p*'],
  },
  // Tencent (QQ). https://service.mail.qq.com
  {
    name: 'qq-recipient-refuses',
    class: 'closed-recipient',
    says: ['mail is rejected by recipients'],
  },
  {
    name: 'qq-no-such-mailbox',
    class: 'no-such-mailbox',
    says: ['mailbox unavailable or access denied', 'mailbox not found'],
  },
  {
    name: 'qq-frequency',
    class: 'throttled',
    says: ['ip frequency limited', 'domain frequency limited', 'sender frequency limited'],
  },
  { name: 'qq-connections', class: 'too-many-connections', says: ['connection frequency limited'] },
  { name: 'qq-content', class: 'spam', says: ['mail content denied', 'suspected bounce attacks'] },
  {
    name: 'qq-sender-domain',
    class: 'sender-refused',
    says: ['domain may not exist or dns check failed'],
  },
  { name: 'qq-source', class: 'bad-reputation', says: ['suspected spam ip'] },
  // NetEase (163, 126, yeah). https://help.mail.163.com
  { name: 'netease-spam', class: 'spam', says: ['dt:spm'] },
  { name: 'netease-listed', class: 'listed-source', says: ['dt:rbl', 'hl:ipb', 'mi:spb'] },
  { name: 'netease-reputation', class: 'bad-reputation', says: ['hl:rep', 'hl:mep', 'hl:ihu'] },
  {
    name: 'netease-connections',
    class: 'too-many-connections',
    says: ['hl:icc', 'hl:itc', 'mi:dmc', 'rp:drc'],
  },
  {
    name: 'netease-rate',
    class: 'throttled',
    says: ['hl:ifc', 'mi:sfq', 'mi:stc', 'rp:qrc', 'rp:orq', 'rp:rcl', 'rp:trc'],
  },
  {
    name: 'netease-authentication',
    class: 'unauthenticated',
    says: ['mi:spf', 'mi:dma', 'dt:sum'],
  },
  { name: 'netease-refused', class: 'source-refused', says: ['wm:bli', 'wm:blu'] },
  // NTT DOCOMO says "Unknown user" after the content also where the recipient's own filter refuses; it takes nobody unknown at RCPT.
  {
    name: 'docomo-filter',
    class: 'closed-recipient',
    says: ['unknown user'],
    providers: ['docomo'],
    stages: ['content'],
  },
]
