'use client';
import { Button, Form } from '@patternfly/react-core';
import { type RegistryView, routes } from '@portreeve/contract';
import { useState } from 'react';
import { useAction } from '../../live/queries.ts';
import { TextField } from '../../ui/fields.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { Status } from '../../ui/status.tsx';

/** Calls the registry step by step and says what it answers to each. */
export const RegistryTest = ({ registry, onClose }: { registry: RegistryView; onClose: () => void }) => {
  const test = useAction(routes.registries.test);
  const [reference, setReference] = useState('');
  const run = () => test.mutate({ params: { id: registry.id }, body: reference === '' ? {} : { reference } });
  return (
    <Panel
      title={`Test of ${registry.host}`}
      aside={
        <button type="button" className="quiet" onClick={onClose}>
          close
        </button>
      }
    >
      <Form
        style={{ maxWidth: 560 }}
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <TextField
          label="An image to look for"
          placeholder={`${registry.host}/team/app:1.0`}
          help="Optional: says whether these credentials may read it. Nothing is pulled."
          value={reference}
          onChange={setReference}
        />
        <ProblemNote error={test.error} />
        <Button type="submit" size="sm" isLoading={test.isPending} style={{ justifySelf: 'start' }}>
          Test
        </Button>
      </Form>
      <ol role="status" style={{ listStyle: 'none', margin: '10px 0 0', padding: 0 }}>
        {test.data?.steps.map((step) => (
          <li key={step.name} style={{ padding: '3px 0' }}>
            <Status tone={step.ok ? 'ok' : 'bad'} wrap>
              <b>{step.name}</b> <span className="dim">{step.text}</span>
            </Status>
          </li>
        ))}
      </ol>
    </Panel>
  );
};
