import { Skeleton } from '@patternfly/react-core';

const WIDTHS = ['92%', '78%', '85%', '70%', '88%', '64%', '80%', '74%'];

/** Lines in the shape of what is to come. */
export const LoadingLines = ({ lines = 5 }: { lines?: number }) => (
  <div role="status" aria-label="Loading" style={{ display: 'grid', gap: 12, padding: '6px 0' }}>
    {Array.from({ length: lines }, (_, i) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a skeleton has nothing but its place
      <Skeleton key={i} width={WIDTHS[i % WIDTHS.length]} fontSize="sm" />
    ))}
  </div>
);
