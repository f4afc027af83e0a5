'use client';
import { ClipboardCopy, FormGroup } from '@patternfly/react-core';
import { routes, type ServiceView } from '@portreeve/contract';
import { useAction } from '../../live/queries.ts';
import { missing } from '../../ui/action-button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Panel } from '../../ui/panel.tsx';

const Once = ({ label, text }: { label: string; text: string }) => (
  <FormGroup label={label} style={{ marginTop: 8 }}>
    <ClipboardCopy isReadOnly hoverTip="Copy" clickTip="Copied" textAriaLabel={label}>
      {text}
    </ClipboardCopy>
  </FormGroup>
);

/** A POST that moves the service to another tag of its repository, and nothing else. */
export const WebhookPanel = ({ service }: { service: ServiceView }) => {
  const make = useAction(routes.services.webhook);
  const remove = useAction(routes.services.webhookRemove);
  const disabledReason = missing(service.may, 'service.webhook', `in ${service.projectPath}`);
  return (
    <Panel title="Webhook" aside={service.hasWebhook ? 'on' : 'off'}>
      <p className="dim" style={{ marginBottom: 8 }}>
        A pipeline can move this service to a tag of its present repository by one POST, and do nothing else.
      </p>
      <div style={{ display: 'flex', gap: 8 }}>
        <Confirm
          label={service.hasWebhook ? 'New secret' : 'Make a webhook'}
          disabledReason={disabledReason}
          run={() => make.mutateAsync({ params: { id: service.id } })}
        >
          Makes a secret that is shown once.
          {service.hasWebhook && ' The present one stops working at once.'}
        </Confirm>
        {service.hasWebhook && (
          <Confirm
            label="Remove"
            danger
            disabledReason={disabledReason}
            run={() => remove.mutateAsync({ params: { id: service.id } })}
          >
            Calls to the webhook of {service.name} are refused from now on.
          </Confirm>
        )}
      </div>
      {make.data && (
        <>
          <Once label="Address" text={make.data.url} />
          <Once label="Bearer token, shown once" text={make.data.token} />
          <Once label="HMAC key, shown once" text={make.data.hmacKey} />
        </>
      )}
    </Panel>
  );
};
