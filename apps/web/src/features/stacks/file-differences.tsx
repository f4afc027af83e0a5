import type { StackView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { FieldChanges } from '../../ui/field-changes.tsx';
import { Link } from '../../ui/link.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';

/** After an undo or a scale, what runs is not what the file says; the next apply of the file would go back. */
export const FileDifferences = ({ stack }: { stack: StackView }) => {
  if (!stack.differsFromFile) return null;
  return (
    <Panel
      title={<Status tone="held">Differs from its file</Status>}
      aside={<Link href={paths.deploy({ stack: stack.id })}>Edit the file</Link>}
    >
      <p className="dim">
        File {stack.stackVersion} says the left side; what is wished for now is on the right. Applying the
        file again goes back to it.
      </p>
      {stack.fileDifferences.map((each) => (
        <div key={each.service} style={{ marginTop: 6 }}>
          <b>{each.service}</b>
          <FieldChanges changes={each.changes} />
        </div>
      ))}
    </Panel>
  );
};
