'use client';
import { routes, type ServiceView } from '@portreeve/contract';
import { Fragment } from 'react';
import { useWatch } from '../../live/queries.ts';
import { Gate } from '../../ui/gate.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel, Panels } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import styles from './configuration-tab.module.css';
import { specLines } from './spec-lines.ts';
import { WebhookPanel } from './webhook-panel.tsx';

/** What a revision says, every variable filled in, and the webhook. */
export const ConfigurationTab = ({ service }: { service: ServiceView }) => {
  const list = useListState();
  const number = Number(list.read('revision') ?? service.revision);
  const revision = useWatch(routes.services.revision, { params: { id: service.id, number } });
  return (
    <Panels of="two">
      <Panel title={`Revision ${number}`} aside="fully resolved">
        <Gate of={revision} lines={10}>
          {(data) => (
            <>
              {data.environmentHidden && (
                <p>
                  <Status tone="held" wrap>
                    Environment values and command lines are hidden: you lack service.env.read in{' '}
                    {service.projectPath}.
                  </Status>
                </p>
              )}
              <dl className={styles.spec}>
                {specLines(data.spec).map(([path, text]) => (
                  <Fragment key={path}>
                    <dt>{path}</dt>
                    <dd>{text}</dd>
                  </Fragment>
                ))}
              </dl>
            </>
          )}
        </Gate>
      </Panel>
      <Panels>
        <Panel title="Around it">
          <dl className={styles.spec}>
            <dt>needs</dt>
            <dd>{service.dependsOn.join(', ') || 'nothing'}</dd>
            <dt>networks</dt>
            <dd>{service.networks.join(', ') || 'none'}</dd>
            <dt>volumes</dt>
            <dd>{service.volumes.join(', ') || 'none'}</dd>
            <dt>replicas</dt>
            <dd>{service.mode === 'global' ? 'one on every node' : service.replicas}</dd>
          </dl>
        </Panel>
        <WebhookPanel service={service} />
      </Panels>
    </Panels>
  );
};
