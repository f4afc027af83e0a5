'use client';
import { Checkbox } from '@patternfly/react-core';
import { routes, type StackView } from '@portreeve/contract';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useAction } from '../../live/queries.ts';
import { missing } from '../../ui/action-button.tsx';
import { Confirm } from '../../ui/confirm.tsx';

export const RemoveStack = ({ stack }: { stack: StackView }) => {
  const [volumes, setVolumes] = useState(false);
  const remove = useAction(routes.stacks.remove);
  const router = useRouter();
  return (
    <Confirm
      label="Remove"
      title={`Remove ${stack.name}`}
      danger
      disabledReason={missing(stack.may, 'service.remove', `in ${stack.projectPath}`)}
      typeName={volumes ? stack.name : undefined}
      run={() =>
        remove.mutateAsync({ params: { id: stack.id }, query: { volumes: volumes ? 'remove' : 'keep' } })
      }
      onDone={() => router.push(paths.stacks({ project: stack.projectPath }))}
    >
      <p>
        Stops and removes {stack.count.wanted} tasks of {stack.services} services, and the networks of the
        stack.
        {volumes
          ? ` The ${stack.volumes.length} volumes and all data in them are lost for good.`
          : ' Its volumes and files stay.'}
      </p>
      {stack.volumes.length > 0 && (
        <Checkbox
          id="volumes"
          style={{ marginTop: 8 }}
          label={`Also remove its ${stack.volumes.length} volumes with their data`}
          isChecked={volumes}
          onChange={(_, checked) => setVolumes(checked)}
        />
      )}
    </Confirm>
  );
};
