import type { CallOutput, routes } from '@portreeve/contract';
import { When } from '../../ui/when.tsx';

type Source = CallOutput<typeof routes.users.get>['memberships'][number]['sources'][number];

/** Where a membership comes from: a person put them in, or a rule of a directory does. */
export const Sources = ({ of }: { of: readonly Source[] }) => (
  <span className="dim">
    {of.map((source, index) => (
      <span key={source.ruleId ?? source.kind}>
        {index > 0 && '; '}
        {source.kind === 'hand' ? 'by hand' : `by a rule of ${source.directoryName ?? 'a directory'}`}, since{' '}
        <When at={source.since} as="clock" />
      </span>
    ))}
  </span>
);
