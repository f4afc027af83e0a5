'use client';
import { FormGroup } from '@patternfly/react-core';
import { type CallInput, routes } from '@portreeve/contract';
import { useAction } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { useDraft } from '../../ui/draft.ts';
import { AreaField, Fields, TextField } from '../../ui/fields.tsx';
import { PrivateAddressField } from '../../ui/private-address-field.tsx';
import { RangeChips } from '../../ui/range-chips.tsx';
import { useLack } from '../session/lack.ts';

type Body = CallInput<typeof routes.auditForwards.create>['body'];
const KINDS = [
  { value: 'syslog', text: 'syslog over TLS' },
  { value: 'webhook', text: 'webhook' },
];
const FROM = [
  { value: 'now', text: 'what comes from now on' },
  { value: 'beginning', text: 'everything that is here' },
];
const EMPTY = {
  ...{ kind: 'syslog', name: '', host: '', port: '6514', caPem: '', url: '', secret: '', from: 'now' },
  allowPrivateAddress: false,
};
type Draft = typeof EMPTY;
type Part = { draft: Draft; set: (part: Partial<Draft>) => void };
const SHORTEST_SECRET = 16;

const bodyOf = ({ kind, name, host, port, caPem, url, secret, from, allowPrivateAddress }: Draft): Body => {
  const shared = {
    name,
    allowPrivateAddress,
    from: from === 'now' ? ('now' as const) : ('beginning' as const),
  };
  if (kind === 'webhook') return { kind: 'webhook', ...shared, url, secret };
  return { kind: 'syslog', ...shared, host, port: Number(port), ...(caPem !== '' && { caPem }) };
};
const notYet = ({ kind, name, host, url, secret }: Draft): string | undefined => {
  if (name === '') return 'It needs a name';
  if (kind === 'syslog') return host === '' ? 'It needs a host' : undefined;
  if (url === '') return 'It needs an address';
  return secret.length < SHORTEST_SECRET
    ? `The secret has ${SHORTEST_SECRET} characters at least`
    : undefined;
};

const Syslog = ({ draft, set }: Part) => (
  <>
    <TextField
      label="Host"
      required
      placeholder="logs.example.com"
      value={draft.host}
      onChange={(host) => set({ host })}
    />
    <TextField label="Port" type="number" value={draft.port} onChange={(port) => set({ port })} />
    <AreaField
      label="CA of its certificate, PEM"
      rows={3}
      placeholder="-----BEGIN CERTIFICATE-----"
      help="Only where its certificate is from no public CA."
      value={draft.caPem}
      onChange={(caPem) => set({ caPem })}
    />
  </>
);
const Webhook = ({ draft, set }: Part) => (
  <>
    <TextField
      label="Address"
      required
      type="url"
      placeholder="https://collect.example.com/portreeve"
      value={draft.url}
      onChange={(url) => set({ url })}
    />
    <TextField
      label="Secret"
      required
      type="password"
      autoComplete="new-password"
      help="Each request is signed with it, so that the receiver knows who sent it. Kept encrypted."
      value={draft.secret}
      onChange={(secret) => set({ secret })}
    />
  </>
);

/** Sends every sealed entry to a place that this cluster cannot change. */
export const NewForward = () => {
  const create = useAction(routes.auditForwards.create);
  const [draft, set, reset] = useDraft(EMPTY);
  return (
    <Confirm
      label="Forward the audit"
      variant="primary"
      disabledReason={useLack('audit.edit')}
      notYet={notYet(draft)}
      run={() => create.mutateAsync({ body: bodyOf(draft) })}
      onDone={reset}
    >
      <Fields>
        <FormGroup label="By">
          <RangeChips label="By" options={KINDS} value={draft.kind} onChange={(kind) => set({ kind })} />
        </FormGroup>
        <TextField
          label="Name"
          required
          placeholder="company log"
          value={draft.name}
          onChange={(name) => set({ name })}
        />
        {draft.kind === 'syslog' ? <Syslog draft={draft} set={set} /> : <Webhook draft={draft} set={set} />}
        <FormGroup label="It gets">
          <RangeChips label="It gets" options={FROM} value={draft.from} onChange={(from) => set({ from })} />
        </FormGroup>
        <PrivateAddressField
          id="forward-private"
          value={draft.allowPrivateAddress}
          onChange={(allowPrivateAddress) => set({ allowPrivateAddress })}
        />
      </Fields>
    </Confirm>
  );
};
