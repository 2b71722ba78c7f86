// SPDX-License-Identifier: Apache-2.0
/** Words about what we are and how we speak: authentication, names, TLS, login, relaying, the sender. They come first: a reply that names one of these blames nobody else. */
import { type PhraseRule, phrases } from '../rule.ts'

export const wordsOfPolicy: readonly PhraseRule[] = [
  {
    name: 'authentication',
    class: 'unauthenticated',
    says: phrases(`
      *dmarc* | *dmarc* + policy | spf check* | spf fail* | spf hard* | spf record*
      spf + *align* | spf + not + *allow* | spf + *authori* | spf + reject* | spf + error
      does not pass spf | not designated | sender policy framework | openspf.org | open-spf.org
      sender id + fail* | dkim + *pass* | dkim + fail* | dkim + *valid* | dkim + missing
      dkim + required | dkim + signature + not | sender is unauthenticated | is unauthenticated
      unauthenticated email | unauthenticated mail | authentication checks failed
      failed authentication checks | does not meet + authentication | authentication-results
      email authentication | required authentication level | anti-spoof* | spoofed | spoofing
      forged sender | sender address forgery | sender forgery
    `),
  },
  {
    name: 'reverse-dns',
    class: 'reverse-dns',
    says: phrases(`
      ptr record* | ptr-record* | ptr resource record | *bad dns ptr* | no ptr | no dns ptr
      valid ptr | reverse dns | reverse-dns | reverse lookup | reverse name | reverse hostname
      reverse host lookup | reverse resolution | rdns | fcrdns | forward-confirmed
      forward confirmed | cannot find your hostname | cannot find your reverse hostname
      cannot resolve your + address | could not resolve your + address
      unable to resolve your + address | ip name lookup failed | ip name possibly forged
      client host name lookup | not resolvable + client | unverifiable sending ip*
      unverifyable sending ip* | dns inverse | dns inverso | dns inverso + ip | generic + ptr*
      dynamic + ptr*
    `),
  },
  {
    name: 'tls',
    class: 'tls-required',
    says: phrases(`
      starttls + *must issue* | issue a starttls | starttls is required | starttls required
      requires starttls | tls required | tls is required | requires tls | require tls
      encryption required | encryption is required | requires encryption
      encrypted connection + require* | tls negotiation | tls handshake | cannot start tls
      starttls + fail* | certificate verif* | untrusted certificate | certificate + not trusted
      not encrypted + require*
    `),
  },
  {
    name: 'login',
    class: 'login-required',
    says: phrases(`
      authentication required | authentication is required | requires authentication
      authorization required | smtp auth required | must authenticate | must be authenticated
      need to authenticate | please authenticate | authenticate first | not authenticated
      unauthenticated sender* | unauthenticated user* | authentication not allowed
      authentication failed | authentication failure | authentication credentials invalid
      invalid credentials | login attempts | login first | log in first | username and password
      turn on smtp auth* | submission port | submission server | use port 587
      authentification requise | code d'authentification | autenticacion requerida
      autenticazione richiesta | authentifizierung erforderlich | authentifizierung + notwendig
    `),
  },
  {
    name: 'relay',
    class: 'relay-denied',
    says: phrases(`
      relay access denied | relaying denied | relaying prohibited | relay denied
      relay not permitted | relay not allowed | relay is not allowed | relaying not allowed
      relaying is not allowed | relaying not permitted | not permitted to relay
      not allowed to relay | allowed to relay | unable to relay | cannot relay | we do not relay
      does not relay | don't relay | no relaying | relaying disallowed | relay prohibited
      relaying mail to | invalid credentials for relay | third-party relay | open relay
      allowed rcpthosts | isn't in my list of allowed | not local or gateway | not a gateway
      not a local domain | domain is not hosted | not hosted here
      mail for this domain is not accepted | not a registered gateway
      email address is not verified | identities failed the check
    `),
  },
  {
    name: 'sender',
    class: 'sender-refused',
    says: phrases(`
      sender address rejected | sender rejected | sender refused | sender denied
      sender is rejected | sender blocked | sender is blocked | sender address blocked
      sender address denied | sender verif* | sender domain | sending domain
      sender address domain | domain of sender address | domain of the sender | sender's domain
      envelope sender | unroutable sender | unroutable sender address | unrouteable sender
      invalid sender | bad sender | unknown sender | sender unknown | sender not recognized
      senders address | sender email address | return address | return-path | from domain
      from: domain | mail from domain | from address | mail from address
      cannot send e-mail to yourself | send mail as | callout verification | callback verification
      null sender | mail sending denied | invalid domain name | no such domain + sender
      unresolvable + from | emetteur invalide | expediteur invalide | expediteur + refuse
      absender* + abgelehnt | absender* + unbekannt | remitente + rechazad*
      remetente + rejeitad* | mittente + rifiutato | 发件人 + 拒绝 | 发信人 + 拒绝
    `),
    unless: phrases(`
      block list | blocklist* | blacklist* | black list* | spamhaus* | dnsbl* | *reputation
      not rfc* | header | header: | from: header
    `),
  },
]
