'use client';
import { NumberInput } from '@patternfly/react-core';
import { routes, type ServiceView } from '@portreeve/contract';
import { useState } from 'react';
import { useAction } from '../../live/queries.ts';
import { missing } from '../../ui/action-button.tsx';
import { Confirm } from '../../ui/confirm.tsx';

const MOST = 10_000;
const tasks = (count: number) => (count === 1 ? '1 task is' : `${count} tasks are`);

const sentence = (from: number, to: number): string => {
  if (to === from) return 'Nothing changes.';
  if (to === 0) return `All ${from} tasks stop; the service stays and answers nobody.`;
  if (to > from) return `${tasks(to - from)} added. No revision is made, nothing else restarts.`;
  return `${tasks(from - to)} removed, the highest slots first. Nothing else restarts.`;
};

export const ScaleAction = ({ service }: { service: ServiceView }) => {
  const scale = useAction(routes.services.scale);
  const [wish, setWish] = useState<number | null>(null);
  const replicas = wish ?? service.replicas;
  const clamp = (value: number) => setWish(Math.max(0, Math.min(MOST, Math.round(value) || 0)));
  return (
    <Confirm
      label="Scale"
      title={`Scale ${service.name}`}
      disabledReason={missing(service.may, 'service.scale', `in ${service.projectPath}`)}
      notYet={replicas === service.replicas ? 'The number is the same' : undefined}
      run={() => scale.mutateAsync({ params: { id: service.id }, body: { replicas } })}
      onDone={() => setWish(null)}
    >
      <NumberInput
        value={replicas}
        min={0}
        max={MOST}
        inputName="replicas"
        inputAriaLabel="Replicas"
        minusBtnAriaLabel="One less"
        plusBtnAriaLabel="One more"
        onMinus={() => clamp(replicas - 1)}
        onPlus={() => clamp(replicas + 1)}
        onChange={(event) => clamp(Number((event.target as HTMLInputElement).value))}
      />
      <p style={{ marginTop: 8 }}>
        {service.replicas} → {replicas}. {sentence(service.replicas, replicas)}
      </p>
    </Confirm>
  );
};
