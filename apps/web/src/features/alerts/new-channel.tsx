'use client';
import { routes } from '@portreeve/contract';
import type { CallInput } from '../../lib/call.ts';
import { useAction } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { useDraft } from '../../ui/draft.ts';
import { Fields, TextField } from '../../ui/fields.tsx';
import { PrivateAddressField } from '../../ui/private-address-field.tsx';
import { RangeChips } from '../../ui/range-chips.tsx';
import { useLack } from '../session/lack.ts';

type Body = CallInput<typeof routes.alerts.createChannel>['body'];
const KINDS = [
  { value: 'email', text: 'E-mail' },
  { value: 'webhook', text: 'Webhook' },
] as const;
const EMPTY = {
  kind: 'email',
  name: '',
  to: '',
  smtpUrl: '',
  from: '',
  url: '',
  secret: '',
  allowPrivateAddress: false,
};
type Draft = typeof EMPTY;

const bodyOf = ({ kind, name, to, smtpUrl, from, url, secret, allowPrivateAddress }: Draft): Body =>
  kind === 'email'
    ? { kind: 'email', name, to, smtpUrl, from }
    : { kind: 'webhook', name, url, allowPrivateAddress, ...(secret && { secret }) };
const lacks = ({ kind, name, to, smtpUrl, from, url }: Draft): string | undefined => {
  if (name === '') return 'It needs a name';
  const needed = kind === 'email' ? [to, smtpUrl, from] : [url];
  return needed.includes('') ? 'A field is empty' : undefined;
};

type Props = { draft: Draft; set: (part: Partial<Draft>) => void };
const Email = ({ draft, set }: Props) => (
  <>
    <TextField label="To" type="email" required value={draft.to} onChange={(to) => set({ to })} />
    <TextField label="From" type="email" required value={draft.from} onChange={(from) => set({ from })} />
    <TextField
      label="Mail server"
      required
      placeholder="smtps://user:password@mail.example.com"
      help="smtp:// or smtps://, with user and password where it asks for them. Kept encrypted."
      value={draft.smtpUrl}
      onChange={(smtpUrl) => set({ smtpUrl })}
    />
  </>
);
const Webhook = ({ draft, set }: Props) => (
  <>
    <TextField label="URL" type="url" required value={draft.url} onChange={(url) => set({ url })} />
    <TextField
      label="Secret"
      type="password"
      autoComplete="new-password"
      help="Optional: each call is signed with it (HMAC-SHA256), so that the receiver knows it is ours."
      value={draft.secret}
      onChange={(secret) => set({ secret })}
    />
    <PrivateAddressField
      id="channel-private"
      value={draft.allowPrivateAddress}
      onChange={(allowPrivateAddress) => set({ allowPrivateAddress })}
    />
  </>
);

export const NewChannel = () => {
  const create = useAction(routes.alerts.createChannel);
  const [draft, set, reset] = useDraft(EMPTY);
  return (
    <Confirm
      label="Send them somewhere"
      title="Send alerts somewhere"
      disabledReason={useLack('alert.edit')}
      notYet={lacks(draft)}
      run={() => create.mutateAsync({ body: bodyOf(draft) })}
      onDone={reset}
    >
      <Fields>
        <RangeChips label="By" options={KINDS} value={draft.kind} onChange={(kind) => set({ kind })} />
        <TextField
          label="Name"
          required
          placeholder="On call"
          value={draft.name}
          onChange={(name) => set({ name })}
        />
        {draft.kind === 'email' ? <Email draft={draft} set={set} /> : <Webhook draft={draft} set={set} />}
      </Fields>
    </Confirm>
  );
};
