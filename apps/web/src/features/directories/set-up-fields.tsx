'use client';
import { Alert, Checkbox, FormGroup } from '@patternfly/react-core';
import { AreaField, TextField } from '../../ui/fields.tsx';
import { RangeChips } from '../../ui/range-chips.tsx';
import { type Draft, ofKind, type read, wrongAt } from './draft.ts';

export type Part = {
  draft: Draft;
  set: (part: Partial<Draft>) => void;
  parsed: ReturnType<typeof read>;
};

const KINDS = [
  { value: 'openldap', text: 'OpenLDAP, 389 DS, FreeIPA' },
  { value: 'active-directory', text: 'Active Directory' },
];
const SECURITIES = [
  { value: 'ldaps', text: 'LDAPS' },
  { value: 'starttls', text: 'StartTLS' },
  { value: 'plain', text: 'none, this machine only' },
] as const;

/** Red, wherever the directory is shown: anybody on the way can read the passwords. */
export const UncheckedBanner = () => (
  <Alert variant="danger" isInline title="The directory's certificate is not checked.">
    Anybody between here and the directory can pose as it and read every password that is typed at the
    sign-in.
  </Alert>
);

/** How the directory is called and reached. */
export const ConnectionFields = ({ draft, set, parsed }: Part) => (
  <>
    <TextField
      label="Name"
      required
      placeholder="corp"
      help="What people choose at the sign-in."
      value={draft.name}
      onChange={(name) => set({ name })}
    />
    <FormGroup label="Kind">
      <RangeChips
        label="Kind"
        options={KINDS}
        value={draft.kind}
        onChange={(kind) => set(ofKind(draft, kind as Draft['kind']))}
      />
    </FormGroup>
    <AreaField
      label="Addresses"
      required
      rows={2}
      placeholder="ldaps://ldap.example.com:636"
      help="One per line, tried in this order."
      wrong={draft.urls === '' ? undefined : wrongAt(parsed, 'urls')}
      value={draft.urls}
      onChange={(urls) => set({ urls })}
    />
    <FormGroup label="Encryption">
      <RangeChips
        label="Encryption"
        options={SECURITIES}
        value={draft.security}
        onChange={(security) => set({ security: security as Draft['security'] })}
      />
    </FormGroup>
    {draft.security !== 'plain' && (
      <>
        <AreaField
          label="CA of its certificate, PEM"
          rows={3}
          placeholder="-----BEGIN CERTIFICATE-----"
          help="Empty: the authorities that this system trusts."
          wrong={wrongAt(parsed, 'caPem')}
          value={draft.caPem}
          onChange={(caPem) => set({ caPem })}
        />
        <Checkbox
          id="verify-certificate"
          label="Check its certificate"
          isChecked={draft.verifyCertificate}
          onChange={(_, verifyCertificate) => set({ verifyCertificate })}
        />
        {!draft.verifyCertificate && <UncheckedBanner />}
      </>
    )}
  </>
);

type BindProps = Part & { hasPassword: boolean };

/** The account by which the directory is searched. */
export const BindFields = ({ draft, set, parsed, hasPassword }: BindProps) => (
  <>
    <TextField
      label="Service account"
      placeholder="cn=portreeve,ou=services,dc=example,dc=com"
      help="The DN that it signs in with to search. Empty where anybody may search."
      wrong={wrongAt(parsed, 'bindDn')}
      value={draft.bindDn}
      onChange={(bindDn) => set({ bindDn })}
    />
    <TextField
      label="Its password"
      type="password"
      autoComplete="new-password"
      help={
        hasPassword
          ? 'Empty: the present one stays, as long as it goes to the same servers in the same way.'
          : 'Kept encrypted, never shown again.'
      }
      value={draft.password}
      onChange={(password) => set({ password })}
    />
  </>
);
